// Command script makes the calls that every Sightline client is tested by (tests/clients), and prints what they
// answered, one JSON object a line.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"google.golang.org/grpc/metadata"

	"sightline.dev/go"
)

// script is what all steps share.
type script struct {
	client     *sightline.Client
	parent     string
	collection string
	pictures   string
}

type fields map[string]any

func main() {
	log.SetFlags(0)
	client, err := sightline.NewClient(os.Getenv("SIGHTLINE_TARGET"))
	check(err)
	collection := os.Getenv("SIGHTLINE_COLLECTION")
	run := script{
		client:     client,
		parent:     "collections/" + collection,
		collection: collection,
		pictures:   os.Getenv("SIGHTLINE_PICTURES"),
	}
	ctx := context.Background()
	for _, step := range []func(context.Context){
		run.health, run.create, run.upload, run.bulk, run.content, run.pages,
		run.searchText, run.searchPicture, run.searchRegions,
		run.notFound, run.badRequest, run.deadline, run.cancel, run.retry, run.tls, run.operation,
	} {
		step(ctx)
	}
	check(client.Close())
}

// say prints a step's answer.
func say(step string, answer fields) {
	answer["step"] = step
	check(json.NewEncoder(os.Stdout).Encode(answer))
}

// check ends the program at an error that no step expects.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (s script) image(id string) string {
	return s.parent + "/images/" + id
}

func (s script) read(name string) []byte {
	content, err := os.ReadFile(filepath.Join(s.pictures, name))
	check(err)
	return content
}

// tagged is a context whose calls the server's log knows again.
func (s script) tagged(ctx context.Context, step string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "x-request-id", s.collection+"-"+step)
}
