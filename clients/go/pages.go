package sightline

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"sightline.dev/go/sightlinev1"
)

// ListCollections gives all collections, by name, fetched a page at a time.
func (c *Client) ListCollections(
	ctx context.Context, request *sightlinev1.ListCollectionsRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Collection, error] {
	return pages(ctx, request, c.Collections.ListCollections, (*sightlinev1.ListCollectionsResponse).GetCollections, options)
}

// ListImages gives the images that a filter finds, fetched a page at a time.
func (c *Client) ListImages(
	ctx context.Context, request *sightlinev1.ListImagesRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Image, error] {
	return pages(ctx, request, c.Images.ListImages, (*sightlinev1.ListImagesResponse).GetImages, options)
}

// ListRegions gives the regions of an image, the largest first, fetched a page at a time.
func (c *Client) ListRegions(
	ctx context.Context, request *sightlinev1.ListRegionsRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Region, error] {
	return pages(ctx, request, c.Segmentation.ListRegions, (*sightlinev1.ListRegionsResponse).GetRegions, options)
}

// ListTexts gives the text records that a filter finds, the oldest first, fetched a page at a time.
func (c *Client) ListTexts(
	ctx context.Context, request *sightlinev1.ListTextsRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Text, error] {
	return pages(ctx, request, c.Texts.ListTexts, (*sightlinev1.ListTextsResponse).GetTexts, options)
}

// ListPacks gives the installed model packs, by name, fetched a page at a time.
func (c *Client) ListPacks(
	ctx context.Context, request *sightlinev1.ListPacksRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Pack, error] {
	return pages(ctx, request, c.Models.ListPacks, (*sightlinev1.ListPacksResponse).GetPacks, options)
}

// Search gives what is nearest to the query, the best first, fetched a page at a time for as long as the caller
// ranges over it. A page with its stages is what c.Searches.Search answers.
func (c *Client) Search(
	ctx context.Context, request *sightlinev1.SearchRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.Hit, error] {
	return pages(ctx, request, c.Searches.Search, (*sightlinev1.SearchResponse).GetHits, options)
}

// FindDuplicates gives groups of images that are the same or nearly so, by their oldest images, fetched a page at a time.
func (c *Client) FindDuplicates(
	ctx context.Context, request *sightlinev1.FindDuplicatesRequest, options ...grpc.CallOption,
) iter.Seq2[*sightlinev1.FindDuplicatesResponse_Group, error] {
	return pages(ctx, request, c.Searches.FindDuplicates, (*sightlinev1.FindDuplicatesResponse).GetGroups, options)
}

// pages gives the items of all pages; an error is the last that it gives. Each range begins with the request's page.
func pages[Request proto.Message, Page interface{ GetNextPageToken() string }, Item any](
	ctx context.Context,
	request Request,
	list func(context.Context, Request, ...grpc.CallOption) (Page, error),
	items func(Page) []Item,
	options []grpc.CallOption,
) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for request := request; ; {
			page, err := list(ctx, request, options...)
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			for _, item := range items(page) {
				if !yield(item, nil) {
					return
				}
			}
			token := page.GetNextPageToken()
			if token == "" {
				return
			}
			request = withString(request, "page_token", token)
		}
	}
}
