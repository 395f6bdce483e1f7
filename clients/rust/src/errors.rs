//! What a failed call says: calls end with tonic's `Status`, its details are read by `types::StatusExt`.

use std::error::Error;

use prost::Message;
use tonic::{Code, Status, TimeoutExpired, codegen::StdError};
use tonic_types::pb;

use crate::deadline::expired;

/// The status for a `google.rpc.Status`, such as that of one item of a bulk call, with its details.
pub fn from_rpc_status(status: &pb::Status) -> Status {
    let details = status.encode_to_vec().into();
    Status::with_details(Code::from_i32(status.code), &status.message, details)
}

/// A code as gRPC spells it: `"DEADLINE_EXCEEDED"`.
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The status for a call that failed below: as it says where it says anything, else UNAVAILABLE, as in gRPC's cores.
pub(crate) fn broken(error: StdError) -> Status {
    let mut said = vec![];
    let mut next: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(cause) = next {
        match cause.downcast_ref::<Status>() {
            // What tonic says of any failed connection.
            Some(status) if status.code() == Code::Unknown && status.source().is_some() => {}
            Some(status) => return status.clone(),
            None if cause.is::<TimeoutExpired>() => return expired(),
            None => said.push(cause.to_string()),
        }
        next = cause.source();
    }
    let mut status = Status::unavailable(said.join(": "));
    status.set_source(error.into());
    status
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use tonic_types::{ErrorDetails, StatusExt};

    #[test]
    fn an_items_error_keeps_its_details() {
        let mut details = ErrorDetails::with_bad_request_violation("content", "no picture");
        details.set_error_info("NOT_A_PICTURE", "sightline", HashMap::<String, String>::new());
        let sent = Status::with_error_details(Code::InvalidArgument, "broken.jpg", details);
        let item = pb::Status::decode(sent.details()).expect("google.rpc.Status");

        let status = from_rpc_status(&item);

        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "broken.jpg"));
        assert_eq!(status.get_details_error_info().unwrap().reason, "NOT_A_PICTURE");
        let fields = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!((fields.len(), fields[0].field.as_str()), (1, "content"));
    }
}
