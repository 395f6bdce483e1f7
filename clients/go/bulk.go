package sightline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"google.golang.org/grpc"

	"sightline.dev/go/sightlinev1"
)

// CreateResult is what became of one image of a bulk create. Index is its place among those given.
type CreateResult struct {
	Index int64
	// Image is what was created; nil where there is an Err.
	Image *sightlinev1.Image
	// Err is why it was not, an [*Error].
	Err error
}

// CreateImages creates images over one stream, at most inFlight of them without an answer, and gives a result for each,
// in any order. An image that fails is a result too; where the call itself fails, its error comes last. To leave the
// loop, or to end the context, cancels the call.
//
// The images are asked for in a goroutine of its own, which has ended when the loop has. Those without a request id get
// one: repeated, they create nothing twice.
func (c *Client) CreateImages(
	ctx context.Context, images iter.Seq[*sightlinev1.CreateImageRequest], inFlight int, options ...grpc.CallOption,
) iter.Seq2[CreateResult, error] {
	return func(yield func(CreateResult, error) bool) {
		if inFlight < 1 {
			yield(CreateResult{}, fmt.Errorf("inFlight is %d, and must be at least 1", inFlight))
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		call, err := c.Images.BulkCreateImages(ctx, options...)
		if err != nil {
			cancel()
			yield(CreateResult{}, err)
			return
		}
		turns, sent := make(chan struct{}, inFlight), make(chan struct{})
		go func() {
			defer close(sent)
			sendImages(ctx, call, images, turns)
		}()
		defer func() {
			cancel()
			<-sent
		}()
		for {
			answer, err := call.Recv()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(CreateResult{}, err)
				return
			}
			select {
			case <-turns:
			default: // an answer to nothing
			}
			result := CreateResult{answer.GetIndex(), answer.GetImage(), ErrorFromStatus(answer.GetError())}
			if !yield(result, nil) {
				return
			}
		}
	}
}

// sendImages sends all images, each when there is a turn for it. Where the call has failed, receiving says why.
func sendImages(
	ctx context.Context,
	call grpc.BidiStreamingClient[sightlinev1.BulkCreateImagesRequest, sightlinev1.BulkCreateImagesResponse],
	images iter.Seq[*sightlinev1.CreateImageRequest],
	turns chan<- struct{},
) {
	index := int64(0)
	for image := range images {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return
		}
		request := repeatable(image).(*sightlinev1.CreateImageRequest)
		if call.Send(&sightlinev1.BulkCreateImagesRequest{Index: index, Request: request}) != nil {
			return
		}
		index++
	}
	_ = call.CloseSend()
}
