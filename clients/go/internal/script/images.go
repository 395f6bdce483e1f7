package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"sightline.dev/go/sightlinev1"
)

func (s script) health(ctx context.Context) {
	for status, err := range s.client.WatchHealth(ctx, "sightline.v1.SearchService") {
		check(err)
		say("health", fields{"status": status.String()})
		break
	}
}

func (s script) create(ctx context.Context) {
	image, err := s.client.Images.CreateImage(ctx, &sightlinev1.CreateImageRequest{
		Parent:  s.parent,
		ImageId: "dog",
		Image: &sightlinev1.Image{
			DisplayName: "dog.jpg",
			Folder:      "script/animals",
			Labels:      []*sightlinev1.Label{{Label: "pet"}},
		},
		Source: &sightlinev1.CreateImageRequest_Content{Content: s.read("dog.jpg")},
	})
	check(err)
	var labels []string
	for _, label := range image.GetLabels() {
		labels = append(labels, label.GetLabel())
	}
	say("create", fields{
		"name": image.GetName(), "display_name": image.GetDisplayName(), "folder": image.GetFolder(), "labels": labels,
		"width": image.GetWidth(), "height": image.GetHeight(),
		"size_bytes": image.GetSizeBytes(), "sha256": image.GetSha256(),
	})
}

func (s script) upload(ctx context.Context) {
	file, err := os.Open(filepath.Join(s.pictures, "tractor.bmp"))
	check(err)
	defer file.Close()
	start := &sightlinev1.UploadImageRequest_Start{Parent: s.parent, ImageId: "tractor"}
	image, err := s.client.UploadImage(ctx, start, file)
	check(err)
	say("upload", fields{"name": image.GetName(), "size_bytes": image.GetSizeBytes(), "sha256": image.GetSha256()})
}

func (s script) bulk(ctx context.Context) {
	files := []string{"chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg"}
	images := func(yield func(*sightlinev1.CreateImageRequest) bool) {
		for _, file := range files {
			if !yield(s.request(file)) {
				return
			}
		}
	}
	results := make([]fields, len(files))
	for result, err := range s.client.CreateImages(ctx, images, 2) {
		check(err)
		answer := fields{"name": result.Image.GetName()}
		if result.Err != nil {
			answer = told(result.Err)
		}
		answer["index"] = result.Index
		results[result.Index] = answer
	}
	say("bulk", fields{"results": results})
}

func (s script) request(file string) *sightlinev1.CreateImageRequest {
	return &sightlinev1.CreateImageRequest{
		Parent:  s.parent,
		ImageId: strings.TrimSuffix(file, filepath.Ext(file)),
		Source:  &sightlinev1.CreateImageRequest_Content{Content: s.read(file)},
	}
}

func (s script) content(ctx context.Context) {
	body, err := s.client.Images.GetImageContent(ctx, &sightlinev1.GetImageContentRequest{Name: s.image("dog")})
	check(err)
	digest := sha256.Sum256(body.GetData())
	say("content", fields{"content_type": body.GetContentType(), "sha256": hex.EncodeToString(digest[:])})
}

func (s script) pages(ctx context.Context) {
	var names []string
	request := &sightlinev1.ListImagesRequest{Parent: s.parent, OrderBy: "name", PageSize: 2}
	for image, err := range s.client.ListImages(s.tagged(ctx, "pages"), request) {
		check(err)
		names = append(names, image.GetName())
	}
	say("pages", fields{"names": names})
}
