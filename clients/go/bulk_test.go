package sightline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"sightline.dev/go/sightlinev1"
)

// bulk answers in its own time, and keeps how many images it had received at most without an answer.
type bulk struct {
	sightlinev1.UnimplementedImageServiceServer
	refused *rpcstatus.Status
	most    int64
	ids     map[string]bool
	ended   chan error
}

func (s *bulk) register(server *grpc.Server) { sightlinev1.RegisterImageServiceServer(server, s) }

func (s *bulk) BulkCreateImages(
	call grpc.BidiStreamingServer[sightlinev1.BulkCreateImagesRequest, sightlinev1.BulkCreateImagesResponse],
) error {
	var waiting atomic.Int64
	received := make(chan *sightlinev1.BulkCreateImagesRequest, 1000)
	go func() {
		defer close(received)
		for {
			request, err := call.Recv()
			if err != nil {
				s.ended <- err
				return
			}
			s.most = max(s.most, waiting.Add(1))
			s.ids[request.GetRequest().GetRequestId()] = true
			received <- request
		}
	}()
	for request := range received {
		time.Sleep(20 * time.Millisecond) // a client that waits for nobody sends the rest meanwhile
		answer := &sightlinev1.BulkCreateImagesResponse{Index: request.GetIndex()}
		if request.GetRequest().GetImageId() == "3" {
			answer.Result = &sightlinev1.BulkCreateImagesResponse_Error{Error: s.refused}
		} else {
			image := &sightlinev1.Image{Name: request.GetRequest().GetImageId()}
			answer.Result = &sightlinev1.BulkCreateImagesResponse_Image{Image: image}
		}
		waiting.Add(-1)
		if err := call.Send(answer); err != nil {
			return err
		}
	}
	return nil
}

func newBulk() *bulk { return &bulk{ids: map[string]bool{}, ended: make(chan error, 1)} }

func numbered(count int) iter.Seq[*sightlinev1.CreateImageRequest] {
	return func(yield func(*sightlinev1.CreateImageRequest) bool) {
		for number := range count {
			if !yield(&sightlinev1.CreateImageRequest{ImageId: fmt.Sprint(number)}) {
				return
			}
		}
	}
}

func TestManyCreatesAreBoundedInFlight(t *testing.T) {
	server := newBulk()
	server.refused = refusal(t).Proto()
	client := serve(t, server.register)
	names := map[int64]string{}
	for result, err := range client.CreateImages(t.Context(), numbered(9), 2) {
		must(t, err)
		if result.Index == 3 {
			checkRefusal(t, result.Err)
			continue
		}
		must(t, result.Err)
		names[result.Index] = result.Image.GetName()
	}
	for index := range int64(9) {
		if index != 3 && names[index] != fmt.Sprint(index) {
			t.Errorf("%d became %q", index, names[index])
		}
	}
	if ended := <-server.ended; !errors.Is(ended, io.EOF) {
		t.Errorf("the server saw %v", ended)
	}
	if server.most > 2 || len(server.ids) != 9 {
		t.Errorf("%d in flight, %d request ids", server.most, len(server.ids))
	}
}

func TestLeavingTheLoopCancelsTheBulkCreate(t *testing.T) {
	server := newBulk()
	client := serve(t, server.register)
	for _, err := range client.CreateImages(t.Context(), numbered(1_000_000), 4) {
		must(t, err)
		break
	}
	if ended := <-server.ended; errors.Is(ended, io.EOF) {
		t.Error("the server saw the end of all images")
	}
}

func TestABulkCreateFailsAsTheCallDoes(t *testing.T) {
	client := serve(t, (&images{err: refusal(t).Err()}).register)
	var last error
	for _, err := range client.CreateImages(t.Context(), numbered(3), 1) {
		last = err
	}
	checkRefusal(t, last)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range serve(t, newBulk().register).CreateImages(ctx, numbered(3), 1) {
		last = err
	}
	if status.Code(last) != codes.Canceled {
		t.Errorf("failed with %v", last)
	}
	for _, err := range client.CreateImages(t.Context(), numbered(3), 0) {
		if err == nil {
			t.Error("none in flight is no bound")
		}
	}
}
