package sightline

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"sightline.dev/go/sightlinev1"
)

const chunkBytes = 64 << 10

// UploadImage creates an image as CreateImage does, its file read and sent in chunks of at most 64 KiB, with a checksum. It
// fails with what the file's reader fails with; nothing is created then.
func (c *Client) UploadImage(
	ctx context.Context, start *sightlinev1.UploadImageRequest_Start, file io.Reader, options ...grpc.CallOption,
) (*sightlinev1.Image, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	call, err := c.Images.UploadImage(ctx, options...)
	if err != nil {
		return nil, err
	}
	for part, err := range uploadParts(start, file) {
		if err != nil {
			return nil, err
		}
		if err := call.Send(part); errors.Is(err, io.EOF) {
			break // the server has answered already
		} else if err != nil {
			return nil, err
		}
	}
	return call.CloseAndRecv()
}

// uploadParts are the messages of an upload: its start, the chunks, its end. An error of the reader is the last.
func uploadParts(
	start *sightlinev1.UploadImageRequest_Start, file io.Reader,
) iter.Seq2[*sightlinev1.UploadImageRequest, error] {
	return func(yield func(*sightlinev1.UploadImageRequest, error) bool) {
		if !yield(&sightlinev1.UploadImageRequest{Part: &sightlinev1.UploadImageRequest_Start_{Start: start}}, nil) {
			return
		}
		checksum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
		for more := true; more; {
			chunk := make([]byte, chunkBytes) // gRPC may keep it
			read, err := file.Read(chunk)
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, err)
				return
			}
			more = err == nil
			checksum.Write(chunk[:read])
			part := &sightlinev1.UploadImageRequest_Chunk{Chunk: chunk[:read]}
			if read > 0 && !yield(&sightlinev1.UploadImageRequest{Part: part}, nil) {
				return
			}
		}
		finish := &sightlinev1.UploadImageRequest_Finish{Crc32C: proto.Uint32(checksum.Sum32())}
		yield(&sightlinev1.UploadImageRequest{Part: &sightlinev1.UploadImageRequest_Finish_{Finish: finish}}, nil)
	}
}
