package sightline

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// interceptUnary gives a call its deadline, its request id and its typed error.
func (c *Client) interceptUnary(
	ctx context.Context,
	method string,
	request, reply any,
	connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	if message, is := request.(proto.Message); is {
		request = repeatable(message)
	}
	return toError(invoke(ctx, method, request, reply, connection, options...))
}

// repeatable is the request, with an id of its own where it can have one and has none: sent again, it creates
// nothing twice.
func repeatable(request proto.Message) proto.Message {
	message := request.ProtoReflect()
	field := message.Descriptor().Fields().ByName("request_id")
	if field == nil || message.Has(field) {
		return request
	}
	return withString(request, field.Name(), uuid.NewString())
}

func interceptStream(
	ctx context.Context,
	description *grpc.StreamDesc,
	connection *grpc.ClientConn,
	method string,
	open grpc.Streamer,
	options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	opened, err := open(ctx, description, connection, method, options...)
	if err != nil {
		return nil, toError(err)
	}
	return stream{opened}, nil
}

// stream fails with typed errors.
type stream struct{ grpc.ClientStream }

func (s stream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	return header, toError(err)
}

func (s stream) SendMsg(message any) error { return toError(s.ClientStream.SendMsg(message)) }

func (s stream) CloseSend() error { return toError(s.ClientStream.CloseSend()) }

func (s stream) RecvMsg(message any) error { return toError(s.ClientStream.RecvMsg(message)) }
