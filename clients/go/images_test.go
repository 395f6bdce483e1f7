package sightline_test

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"strconv"
	"testing"
	"testing/iotest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"sightline.dev/go/sightlinev1"
)

const size = 5

// images fails with its error, or else has size images on two pages of its own, and keeps what it was sent.
type images struct {
	sightlinev1.UnimplementedImageServiceServer
	err      error
	failures int
	created  []*sightlinev1.CreateImageRequest
	tokens   []string
	uploaded []byte
	finished *sightlinev1.UploadImageRequest_Finish
	ended    chan error
}

func (s *images) register(server *grpc.Server) { sightlinev1.RegisterImageServiceServer(server, s) }

func (s *images) GetImage(context.Context, *sightlinev1.GetImageRequest) (*sightlinev1.Image, error) {
	return nil, s.err
}

func (s *images) BulkCreateImages(
	grpc.BidiStreamingServer[sightlinev1.BulkCreateImagesRequest, sightlinev1.BulkCreateImagesResponse],
) error {
	return s.err
}

func (s *images) CreateImage(_ context.Context, request *sightlinev1.CreateImageRequest) (*sightlinev1.Image, error) {
	s.created = append(s.created, request)
	if len(s.created) <= s.failures {
		return nil, status.Error(codes.Unavailable, "not yet")
	}
	return &sightlinev1.Image{}, nil
}

func (s *images) ListImages(
	_ context.Context, request *sightlinev1.ListImagesRequest,
) (*sightlinev1.ListImagesResponse, error) {
	if s.err != nil && request.GetPageToken() != "" {
		return nil, s.err
	}
	s.tokens = append(s.tokens, request.GetParent()+request.GetPageToken())
	first, _ := strconv.Atoi(request.GetPageToken())
	answer := &sightlinev1.ListImagesResponse{}
	for number := first; number < min(first+3, size); number++ {
		answer.Images = append(answer.Images, &sightlinev1.Image{Name: strconv.Itoa(number)})
	}
	if first+3 < size {
		answer.NextPageToken = strconv.Itoa(first + 3)
	}
	return answer, nil
}

func (s *images) UploadImage(
	call grpc.ClientStreamingServer[sightlinev1.UploadImageRequest, sightlinev1.Image],
) error {
	if s.err != nil {
		return s.err
	}
	for {
		request, err := call.Recv()
		if err != nil {
			s.ended <- err
			return err
		}
		if len(request.GetChunk()) > 64<<10 {
			return status.Error(codes.InvalidArgument, "too long")
		}
		s.uploaded = append(s.uploaded, request.GetChunk()...)
		if s.finished = request.GetFinish(); s.finished != nil {
			return call.SendAndClose(&sightlinev1.Image{Name: "uploaded"})
		}
	}
}

func TestACreateHasARequestID(t *testing.T) {
	server := &images{}
	client := serve(t, server.register)
	request := &sightlinev1.CreateImageRequest{
		Parent: "collections/c", Source: &sightlinev1.CreateImageRequest_Content{Content: []byte("picture")},
	}
	_, err := client.Images.CreateImage(t.Context(), request)
	must(t, err)
	if sent := server.created[0]; len(sent.GetRequestId()) != 36 ||
		sent.GetParent() != "collections/c" || string(sent.GetContent()) != "picture" {
		t.Errorf("sent %v", sent)
	}
	if request.GetRequestId() != "" {
		t.Error("the caller's message has changed")
	}
	request.RequestId = "mine"
	_, err = client.Images.CreateImage(t.Context(), request)
	must(t, err)
	if server.created[1].GetRequestId() != "mine" {
		t.Errorf("sent %v", server.created[1])
	}
}

func TestALargeCreateIsRetriedUnderOneRequestID(t *testing.T) {
	server := &images{failures: 2}
	client := serve(t, server.register)
	content := &sightlinev1.CreateImageRequest_Content{Content: make([]byte, 3<<20)}
	_, err := client.Images.CreateImage(t.Context(), &sightlinev1.CreateImageRequest{Source: content})
	must(t, err)
	ids := map[string]bool{}
	for _, sent := range server.created {
		ids[sent.GetRequestId()] = true
	}
	if len(server.created) != 3 || len(ids) != 1 {
		t.Errorf("%d calls under %v", len(server.created), ids)
	}
}

func TestAnUploadSendsAllBytesAndTheirChecksum(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcde"), 10_000)
	for name, reader := range map[string]io.Reader{
		"whole":          bytes.NewReader(content),
		"half at a time": iotest.HalfReader(bytes.NewReader(content)),
		"data with EOF":  iotest.DataErrReader(bytes.NewReader(content)),
	} {
		t.Run(name, func(t *testing.T) {
			server := &images{}
			client := serve(t, server.register)
			image, err := client.UploadImage(t.Context(), &sightlinev1.UploadImageRequest_Start{}, reader)
			must(t, err)
			if image.GetName() != "uploaded" || !bytes.Equal(server.uploaded, content) {
				t.Errorf("%d bytes of %v came", len(server.uploaded), image)
			}
			if server.finished.GetCrc32C() != crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli)) {
				t.Errorf("the checksum is %d", server.finished.GetCrc32C())
			}
		})
	}
}

func TestAnUploadWhoseFileBreaksIsCancelled(t *testing.T) {
	server := &images{ended: make(chan error, 1)}
	client := serve(t, server.register)
	file := io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(io.ErrUnexpectedEOF))
	_, err := client.UploadImage(t.Context(), &sightlinev1.UploadImageRequest_Start{}, file)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("failed with %v", err)
	}
	if ended := <-server.ended; status.Code(ended) != codes.Canceled {
		t.Errorf("the server saw %v", ended)
	}
}

func TestAnUploadFailsAsTheServerSays(t *testing.T) {
	server := &images{err: refusal(t).Err()}
	client := serve(t, server.register)
	_, err := client.UploadImage(t.Context(), &sightlinev1.UploadImageRequest_Start{}, iotest.HalfReader(endless{}))
	checkRefusal(t, err)
}

type endless struct{}

func (endless) Read(into []byte) (int, error) { return len(into), nil }
