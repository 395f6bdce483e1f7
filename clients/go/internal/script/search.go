package main

import (
	"context"

	"sightline.dev/go/sightlinev1"
)

func (s script) searchText(ctx context.Context) {
	answer := s.search(ctx, s.rainbow())
	var stages []string
	for _, stage := range answer.GetStages() {
		stages = append(stages, stage.GetName())
	}
	say("search_text", fields{"hits": hitsOf(answer), "stages": stages})
}

func (s script) searchPicture(ctx context.Context) {
	picture := &sightlinev1.SearchRequest_InlineImage{Content: s.read("dog.jpg")}
	query := &sightlinev1.SearchRequest_Image{Image: picture}
	say("search_picture", fields{"hits": hitsOf(s.search(ctx, &sightlinev1.SearchRequest{Query: query}))})
}

func (s script) searchRegions(ctx context.Context) {
	answer := s.search(ctx, &sightlinev1.SearchRequest{
		Query:  &sightlinev1.SearchRequest_Text{Text: "a dog"},
		Target: sightlinev1.SearchRequest_REGIONS,
	})
	say("search_regions", fields{"hits": hitsOf(answer)})
}

func (s script) rainbow() *sightlinev1.SearchRequest {
	return &sightlinev1.SearchRequest{Parent: s.parent, Query: &sightlinev1.SearchRequest_Text{Text: "a rainbow"}}
}

// search answers the three best.
func (s script) search(ctx context.Context, request *sightlinev1.SearchRequest) *sightlinev1.SearchResponse {
	request.Parent = s.parent
	request.PageSize = 3
	answer, err := s.client.Searches.Search(ctx, request)
	check(err)
	return answer
}

func hitsOf(answer *sightlinev1.SearchResponse) []fields {
	var hits []fields
	for _, hit := range answer.GetHits() {
		found := fields{"image": hit.GetImage(), "score": hit.GetScore(), "relevance": hit.GetRelevance()}
		if hit.GetRegion() != "" {
			box := hit.GetBox()
			found["region"] = hit.GetRegion()
			found["box"] = []float32{box.GetXMin(), box.GetYMin(), box.GetXMax(), box.GetYMax()}
		}
		hits = append(hits, found)
	}
	return hits
}
