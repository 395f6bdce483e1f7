package sightline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"google.golang.org/grpc/codes"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

func Example() {
	ctx := context.Background()
	client, err := sightline.NewClient("127.0.0.1:50051")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	query := &sightlinev1.SearchRequest_Text{Text: "a red umbrella"}
	request := &sightlinev1.SearchRequest{Parent: "collections/default", Query: query}
	for hit, err := range client.Search(ctx, request) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hit.GetRelevance(), hit.GetImage())
	}
}

func ExampleClient_UploadImage() {
	client, err := sightline.NewClient("")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	file, err := os.Open("beach.tif")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()

	start := &sightlinev1.UploadImageRequest_Start{
		Parent: "collections/default",
		Image:  &sightlinev1.Image{DisplayName: "beach.tif", Folder: "holiday"},
	}
	image, err := client.UploadImage(context.Background(), start, file)
	var failed *sightline.Error
	if errors.As(err, &failed) && failed.Code == codes.InvalidArgument {
		log.Fatal(failed.Reason, failed.Fields) // "NOT_A_PICTURE", for one
	}
	fmt.Println(image.GetName(), err)
}
