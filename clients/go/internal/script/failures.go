package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

// told is what an error says; the program ends at one that no server could have sent.
func told(err error) fields {
	if err == nil {
		return fields{"code": code.Code_OK.String()}
	}
	var failed *sightline.Error
	if !errors.As(err, &failed) {
		check(err)
	}
	wrong := []string{}
	for _, field := range failed.Fields {
		wrong = append(wrong, field.Field)
	}
	spelled := code.Code(failed.Code).String()
	return fields{"code": spelled, "message": failed.Message, "reason": failed.Reason, "fields": wrong}
}

func (s script) notFound(ctx context.Context) {
	_, err := s.client.Images.GetImage(ctx, &sightlinev1.GetImageRequest{Name: s.image("missing")})
	say("not_found", told(err))
}

func (s script) badRequest(ctx context.Context) {
	request := s.rainbow()
	request.Filter = "width >"
	_, err := s.client.Searches.Search(ctx, request)
	say("bad_request", told(err))
}

func (s script) deadline(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err := s.client.Searches.Search(ctx, s.rainbow())
	say("deadline", fields{"code": told(err)["code"]})
}

func (s script) cancel(ctx context.Context) {
	ctx, cancel := context.WithCancel(s.tagged(ctx, "cancel"))
	defer time.AfterFunc(300*time.Millisecond, cancel).Stop()
	everything := &sightlinev1.Prompt_Everything_{Everything: &sightlinev1.Prompt_Everything{}}
	request := &sightlinev1.SegmentImageRequest{Name: s.image("dog"), Prompt: &sightlinev1.Prompt{Prompt: everything}}
	_, err := s.client.Segmentation.SegmentImage(ctx, request)
	say("cancel", fields{"code": told(err)["code"]})
}

func (s script) retry(ctx context.Context) {
	client, err := sightline.NewClient(os.Getenv("SIGHTLINE_FLAKY_TARGET"))
	check(err)
	defer client.Close()
	collection := defaultCollection(ctx, client)
	_, err = client.Collections.CreateCollection(ctx, &sightlinev1.CreateCollectionRequest{CollectionId: "other"})
	say("retry", fields{"name": collection.GetName(), "unretried": told(err)["code"]})
}

func (s script) tls(ctx context.Context) {
	authority, err := os.ReadFile(os.Getenv("SIGHTLINE_TLS_CA"))
	check(err)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	secure := sightline.WithTLS(&tls.Config{RootCAs: trusted})
	client, err := sightline.NewClient(os.Getenv("SIGHTLINE_TLS_TARGET"), secure)
	check(err)
	defer client.Close()
	name := defaultCollection(ctx, client).GetName()
	stranger, err := sightline.NewClient(os.Getenv("SIGHTLINE_TLS_TARGET"), sightline.WithTLS(nil))
	check(err)
	defer stranger.Close()
	_, err = stranger.Collections.GetCollection(ctx, &sightlinev1.GetCollectionRequest{Name: name})
	say("tls", fields{"name": name, "untrusted": told(err)["code"]})
}

func defaultCollection(ctx context.Context, client *sightline.Client) *sightlinev1.Collection {
	request := &sightlinev1.GetCollectionRequest{Name: "collections/default"}
	collection, err := client.Collections.GetCollection(ctx, request)
	check(err)
	return collection
}
