package sightline_test

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"sightline.dev/go/sightlinev1"
)

// operations has one that is done after as many questions, with the result.
type operations struct {
	longrunningpb.UnimplementedOperationsServer
	questions int
	done      *longrunningpb.Operation
}

func (o *operations) register(server *grpc.Server) { longrunningpb.RegisterOperationsServer(server, o) }

func (o *operations) GetOperation(
	_ context.Context, request *longrunningpb.GetOperationRequest,
) (*longrunningpb.Operation, error) {
	if o.questions--; o.questions > 0 {
		return &longrunningpb.Operation{Name: request.GetName()}, nil
	}
	return o.done, nil
}

func TestAnOperationIsWaitedFor(t *testing.T) {
	result, err := anypb.New(&sightlinev1.Collection{Name: "collections/made"})
	must(t, err)
	server := &operations{questions: 3, done: &longrunningpb.Operation{
		Done: true, Result: &longrunningpb.Operation_Response{Response: result},
	}}
	operation, err := serve(t, server.register).WaitOperation(t.Context(), "operations/1")
	must(t, err)
	made := &sightlinev1.Collection{}
	must(t, operation.GetResponse().UnmarshalTo(made))
	if made.GetName() != "collections/made" || server.questions != 0 {
		t.Errorf("%v with %d questions to go", made, server.questions)
	}
}

func TestAnOperationFailsWithDetails(t *testing.T) {
	failed := &longrunningpb.Operation_Error{Error: refusal(t).Proto()}
	server := &operations{done: &longrunningpb.Operation{Done: true, Result: failed}}
	_, err := serve(t, server.register).WaitOperation(t.Context(), "operations/1")
	checkRefusal(t, err)
}

func TestTheWaitForAnOperationEndsWithItsContext(t *testing.T) {
	server := &operations{questions: 1_000_000}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := serve(t, server.register).WaitOperation(ctx, "operations/1")
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("failed with %v", err)
	}
}
