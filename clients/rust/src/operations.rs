//! Long-running operations (AIP-151).

use std::time::Duration;

use tokio::time::sleep;
use tonic::{Request, Status};

use crate::errors::from_rpc_status;
use crate::google::longrunning::operations_client::OperationsClient;
use crate::google::longrunning::{GetOperationRequest, Operation, operation};
use crate::transport::Transport;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks for an operation, at growing intervals, until it is done. Fails with the operation's own error.
pub async fn wait(
    mut operations: OperationsClient<Transport>,
    request: Request<GetOperationRequest>,
) -> Result<Operation, Status> {
    let (metadata, extensions, message) = request.into_parts();
    let mut pause = FIRST_PAUSE;
    loop {
        let request = Request::from_parts(metadata.clone(), extensions.clone(), message.clone());
        let operation = operations.get_operation(request).await?.into_inner();
        match &operation.result {
            Some(operation::Result::Error(status)) if operation.done => return Err(from_rpc_status(status)),
            _ if operation.done => return Ok(operation),
            _ => sleep(pause).await,
        }
        pause = LONGEST_PAUSE.min(2 * pause);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use tokio::time::Instant;
    use tonic::Code;
    use tonic_types::pb;

    use super::*;
    use crate::Sightline;
    use crate::testing::{messages, reply, served_by};

    const LONG: Duration = Duration::from_secs(3600);

    /// A server whose operation has this result when it is asked for the tenth time.
    fn done_with(result: operation::Result) -> Sightline {
        let asked = Arc::<AtomicU32>::default();
        served_by(move |request| {
            let (done, result) = (asked.fetch_add(1, Relaxed) == 9, result.clone());
            async move {
                let [GetOperationRequest { name }] = &messages(request).await[..] else { panic!("one message") };
                let (name, result) = (name.clone(), done.then_some(result));
                reply(&Operation { name, done, result, ..Default::default() })
            }
        })
    }

    fn request() -> GetOperationRequest {
        GetOperationRequest { name: "operations/import".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_for_less_and_less_until_it_is_done() {
        let result = operation::Result::Response(prost_types::Any::default());
        let begun = Instant::now();

        let operation = done_with(result.clone()).wait_operation(request(), LONG).await.unwrap();

        assert_eq!((operation.name.as_str(), operation.result), ("operations/import", Some(result)));
        assert_eq!(begun.elapsed().as_millis(), 100 + 200 + 400 + 800 + 1600 + 3200 + 3 * 5000);
    }

    #[tokio::test(start_paused = true)]
    async fn its_error_is_the_calls() {
        let error = pb::Status { code: Code::NotFound.into(), message: "no such folder".into(), ..Default::default() };

        let status = done_with(operation::Result::Error(error)).wait_operation(request(), LONG).await.unwrap_err();

        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such folder"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_ends_when_its_time_is_up() {
        let client = done_with(operation::Result::Response(prost_types::Any::default()));
        let begun = Instant::now();

        let status = client.wait_operation(request(), Duration::from_millis(1234)).await.unwrap_err();

        assert_eq!((status.code(), begun.elapsed().as_millis()), (Code::DeadlineExceeded, 1234));
    }
}
