package sightline

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a failed call, with the details that the server sent along (AIP-193).
type Error struct {
	Code    codes.Code
	Message string
	// Reason is a word for the cause, such as "RESOURCE_NOT_FOUND"; empty for an error that no server sent.
	Reason string
	// Fields are what is wrong with the request.
	Fields []FieldViolation
	// RetryAfter is when the server wants the call again; zero when it does not say.
	RetryAfter time.Duration

	status *status.Status
}

// FieldViolation is one thing that is wrong with a request: the field's path, and why.
type FieldViolation struct {
	Field       string
	Description string
}

// ErrorFromStatus is the error for a google.rpc.Status, such as that of one item of a bulk call; nil for OK.
func ErrorFromStatus(given *rpcstatus.Status) error {
	return toError(status.FromProto(given).Err())
}

// Error is the code and the server's message.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// GRPCStatus is the whole status, for [status.FromError] and [status.Code].
func (e *Error) GRPCStatus() *status.Status {
	return e.status
}

// toError makes an *Error of what gRPC returned; what is no call's status, such as io.EOF, stays as it is.
func toError(err error) error {
	var source interface{ GRPCStatus() *status.Status } // gRPC wraps what its retries ended with
	if !errors.As(err, &source) {
		return err
	}
	said := source.GRPCStatus()
	failed := &Error{Code: said.Code(), Message: said.Message(), status: said}
	for _, each := range said.Details() {
		switch detail := each.(type) {
		case *errdetails.ErrorInfo:
			failed.Reason = detail.GetReason()
		case *errdetails.RetryInfo:
			failed.RetryAfter = detail.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				failed.Fields = append(failed.Fields, FieldViolation{violation.GetField(), violation.GetDescription()})
			}
		}
	}
	return failed
}
