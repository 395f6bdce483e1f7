package sightline_test

import (
	"slices"
	"testing"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

// names are those of the images that a range gives until it ends, or has given as many.
func names(t *testing.T, client *sightline.Client, request *sightlinev1.ListImagesRequest, most int) ([]string, error) {
	t.Helper()
	var found []string
	for image, err := range client.ListImages(t.Context(), request) {
		if err != nil {
			return found, err
		}
		if found = append(found, image.GetName()); len(found) == most {
			break
		}
	}
	return found, nil
}

func TestPages(t *testing.T) {
	for name, each := range map[string]struct {
		from   string
		most   int
		names  []string
		tokens []string
	}{
		"all":               {"", size + 1, []string{"0", "1", "2", "3", "4"}, []string{"p", "p3"}},
		"from a later page": {"2", size + 1, []string{"2", "3", "4"}, []string{"p2"}},
		"until enough":      {"", 2, []string{"0", "1"}, []string{"p"}},
		"until a page ends": {"", 3, []string{"0", "1", "2"}, []string{"p"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := &images{}
			request := &sightlinev1.ListImagesRequest{Parent: "p", PageToken: each.from}
			found, err := names(t, serve(t, server.register), request, each.most)
			must(t, err)
			if !slices.Equal(found, each.names) || !slices.Equal(server.tokens, each.tokens) {
				t.Errorf("%v by %v", found, server.tokens)
			}
			if request.GetPageToken() != each.from {
				t.Error("the caller's message has changed")
			}
		})
	}
}

func TestAPageThatFailsEndsTheRange(t *testing.T) {
	server := &images{err: refusal(t).Err()}
	found, err := names(t, serve(t, server.register), &sightlinev1.ListImagesRequest{}, size)
	checkRefusal(t, err)
	if len(found) != 3 {
		t.Errorf("%v came before", found)
	}
}

func TestPagesRangeAgain(t *testing.T) {
	all := serve(t, (&images{}).register).ListImages(t.Context(), nil)
	for range 2 {
		count := 0
		for _, err := range all {
			must(t, err)
			count++
		}
		if count != size {
			t.Errorf("%d images", count)
		}
	}
}
