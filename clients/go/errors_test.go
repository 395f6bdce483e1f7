package sightline_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"sightline.dev/go"
	"sightline.dev/go/sightlinev1"
)

// refusal is an error with every detail that the client reads.
func refusal(t *testing.T) *status.Status {
	t.Helper()
	refused, err := status.New(codes.InvalidArgument, "no such field").WithDetails(
		&errdetails.ErrorInfo{Reason: "BAD_FILTER"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "filter", Description: "at 7"}, {Field: "order_by", Description: "unknown"},
		}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(2 * time.Second)},
	)
	must(t, err)
	return refused
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var failed *sightline.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no *sightline.Error", err)
	}
	fields := []sightline.FieldViolation{{Field: "filter", Description: "at 7"}, {Field: "order_by", Description: "unknown"}}
	if failed.Code != codes.InvalidArgument || failed.Message != "no such field" || failed.Reason != "BAD_FILTER" ||
		failed.RetryAfter != 2*time.Second || !reflect.DeepEqual(failed.Fields, fields) {
		t.Errorf("%+v", failed)
	}
	if said, is := status.FromError(err); !is || len(said.Details()) != 3 {
		t.Errorf("gRPC reads %v", said)
	}
}

func TestAnUnaryCallFailsWithDetails(t *testing.T) {
	server := &images{err: refusal(t).Err()}
	_, err := serve(t, server.register).Images.GetImage(t.Context(), &sightlinev1.GetImageRequest{})
	checkRefusal(t, err)
}

func TestAStreamFailsWithDetails(t *testing.T) {
	server := &images{err: refusal(t).Err()}
	call, err := serve(t, server.register).Images.BulkCreateImages(t.Context())
	must(t, err)
	_, err = call.Recv()
	checkRefusal(t, err)
}

func TestTheErrorOfOneItem(t *testing.T) {
	checkRefusal(t, sightline.ErrorFromStatus(refusal(t).Proto()))
	must(t, sightline.ErrorFromStatus(nil))
}
