package sightline

import (
	"context"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc/status"
)

const (
	firstPoll = 100 * time.Millisecond
	lastPoll  = 5 * time.Second
)

// WaitOperation asks for a long-running operation until it is done, and gives it; its GetResponse holds the result.
// It fails with the operation's own error, or when the context ends.
func (c *Client) WaitOperation(ctx context.Context, name string) (*longrunningpb.Operation, error) {
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		operation, err := c.Operations.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: name})
		if err != nil {
			return nil, err
		}
		if operation.GetDone() {
			return operation, ErrorFromStatus(operation.GetError())
		}
		select {
		case <-ctx.Done():
			return operation, toError(status.FromContextError(ctx.Err()).Err())
		case <-time.After(pause):
		}
	}
}
