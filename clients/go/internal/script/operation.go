package main

import (
	"context"

	"sightline.dev/go/sightlinev1"
)

func (s script) operation(ctx context.Context) {
	files := &sightlinev1.ImportSource_Files{Uri: "file://" + s.pictures, Pattern: "fire.jpg"}
	begun, err := s.client.Imports.ImportImages(ctx, &sightlinev1.ImportImagesRequest{
		Parent: s.parent,
		Source: &sightlinev1.ImportSource{Source: &sightlinev1.ImportSource_Files_{Files: files}},
	})
	check(err)
	done, err := s.client.WaitOperation(ctx, begun.GetName())
	check(err)
	var summary sightlinev1.ImportSummary
	check(done.GetResponse().UnmarshalTo(&summary))
	counts := summary.GetCounts()
	say("operation", fields{
		"name": done.GetName(), "begun": begun.GetName(), "items": counts.GetDone() + counts.GetDuplicate(), "failed": counts.GetFailed(),
	})
}
