package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sightline.dev/go"
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
	call, err := s.client.Images.BulkCreateImages(ctx)
	check(err)
	go func() {
		for index, file := range files {
			check(call.Send(&sightlinev1.BulkCreateImagesRequest{Index: int64(index), Request: s.request(file)}))
		}
		check(call.CloseSend())
	}()
	results := make([]fields, len(files))
	for {
		answer, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		check(err)
		results[answer.GetIndex()] = resultOf(answer)
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

func resultOf(answer *sightlinev1.BulkCreateImagesResponse) fields {
	result := fields{"name": answer.GetImage().GetName()}
	if failed := answer.GetError(); failed != nil {
		result = told(sightline.ErrorFromStatus(failed))
	}
	result["index"] = answer.GetIndex()
	return result
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
