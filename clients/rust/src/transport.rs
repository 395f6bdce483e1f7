//! What every call goes through: its deadline, and the retries that the service config allows within it.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use prost::bytes::Bytes;
use tokio::time::{Instant, timeout_at};
use tonic::{Status, body::Body, codegen::StdError};
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

use crate::deadline::{Answer, expired, from_headers};
use crate::errors::broken;
use crate::retry::{Channel, attempts};

/// How long a call may take that says nothing else, its retries included.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Streams that last as long as their caller wants.
const ENDLESS: [&str; 3] = [
    "/grpc.health.v1.Health/Watch",
    "/sightline.v1.ImageService/BulkCreateImages",
    "/sightline.v1.ImportService/WatchImport",
];

/// The service under the clients of [`v1`](crate::v1): a tonic channel, with deadlines and retries.
#[derive(Clone, Debug)]
pub struct Transport {
    channel: Channel,
    timeout: Duration,
}

impl Transport {
    pub(crate) fn new<S, B>(channel: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<StdError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError>,
    {
        let channel = channel.map_response(|answer| answer.map(Body::new)).map_err(|error| broken(error.into()));
        Self { channel: BoxCloneSyncService::new(channel), timeout: DEFAULT_TIMEOUT }
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl Service<Request<Body>> for Transport {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(())) // each attempt waits by itself
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let endless = ENDLESS.contains(&request.uri().path());
        let timeout = from_headers(request.headers()).or((!endless).then_some(self.timeout));
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let attempts = attempts(self.channel.clone(), request, deadline);
        Box::pin(async move {
            let answer = match deadline {
                None => attempts.await,
                Some(deadline) => match timeout_at(deadline, attempts).await {
                    Err(_) => Err(expired()),
                    // Layers below have the same deadline, and other words for it.
                    Ok(Err(_)) if Instant::now() >= deadline => Err(expired()),
                    Ok(answer) => answer,
                },
            };
            answer.map(|answer| answer.map(|body| Body::new(Answer::new(body, deadline))))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use http_body::Frame;
    use tonic::Code;

    use super::*;
    use crate::Sightline;
    use crate::service_config::retry_policy;
    use crate::testing::served_by;
    use crate::v1::{CreateCollectionRequest, GetCollectionRequest};

    fn collection() -> GetCollectionRequest {
        GetCollectionRequest { name: "collections/default".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_says_nothing_has_the_clients_deadline() {
        let silent = served_by(|_| std::future::pending());
        let hasty = silent.clone().with_timeout(Duration::from_secs(2));

        for (client, seconds) in [(silent, DEFAULT_TIMEOUT.as_secs()), (hasty, 2)] {
            let begun = Instant::now();
            let status = client.collections().get_collection(collection()).await.unwrap_err();
            assert_eq!((status.code(), begun.elapsed().as_secs()), (Code::DeadlineExceeded, seconds));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_ends_ends_with_the_deadline() {
        let client = served_by(|_| async {
            let body = http_body_util::StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Status>>());
            Ok(Response::new(Body::new(body)))
        });

        let status = client.collections().get_collection(collection()).await.unwrap_err();

        assert_eq!(status.code(), Code::DeadlineExceeded);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_call_is_dropped_below() {
        struct Guard(Arc<AtomicU32>);
        impl Drop for Guard {
            fn drop(&mut self) {
                self.0.fetch_add(1, Relaxed);
            }
        }
        let dropped = Arc::<AtomicU32>::default();
        let count = dropped.clone();
        let client = served_by(move |_| {
            let guard = Guard(count.clone());
            async move {
                let _guard = guard;
                std::future::pending().await
            }
        });

        let mut collections = client.collections();
        let call = collections.get_collection(collection());
        tokio::time::timeout(Duration::from_secs(1), call).await.unwrap_err();

        assert_eq!(dropped.load(Relaxed), 1);
    }

    #[tokio::test]
    async fn a_connection_that_is_lost_is_unavailable_and_says_why() {
        let client = served_by(|_| async {
            let lost = std::io::Error::other("the wire is cut");
            let frames = futures_util::stream::iter([Err::<Frame<Bytes>, _>(Status::from_error(lost.into()))]);
            Ok(Response::new(Body::new(http_body_util::StreamBody::new(frames))))
        });

        let status = client.collections().get_collection(collection()).await.unwrap_err();

        assert_eq!((status.code(), status.message()), (Code::Unavailable, "the wire is cut"));
    }

    #[tokio::test]
    async fn nobody_there_is_unavailable_and_says_why() {
        let client = Sightline::connect("127.0.0.1:1").unwrap(); // tcpmux, which nobody serves
        let request = CreateCollectionRequest::default();

        let status = client.collections().create_collection(request).await.unwrap_err();

        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().contains("refused"), "{status:?}");
    }

    /// The paths of methods that the stubs call by one of `kinds`.
    fn methods(kinds: &[&str]) -> Vec<String> {
        let stubs = include_str!("gen/sightline.v1.tonic.rs");
        let calls = stubs.split("PathAndQuery::from_static(").skip(1);
        let called = calls.filter(|call| kinds.iter().any(|kind| call.contains(&format!("self.inner.{kind}("))));
        called.map(|call| call.split('"').nth(1).unwrap().to_owned()).collect()
    }

    #[test]
    fn streams_of_answers_have_no_deadline_of_ours() {
        assert_eq!(methods(&["server_streaming", "streaming"]), ENDLESS[1..]);
    }

    #[test]
    fn only_unary_calls_are_kept_to_be_repeated() {
        let streaming = methods(&["client_streaming", "server_streaming", "streaming"]);
        assert!(streaming.contains(&"/sightline.v1.ImageService/UploadImage".to_owned()));
        assert!(streaming.iter().all(|path| retry_policy(path).is_none()));
    }
}
