//! What every call goes through: its deadline, and the retries that the service config allows within it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use prost::bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout_at};
use tonic::{Status, body::Body, codegen::StdError};
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

use crate::{
    grpc_timeout,
    service_config::{RetryPolicy, retry_policy},
};

/// How long a call may take that says nothing else, its retries included.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Streams that last as long as their caller wants.
const ENDLESS: [&str; 2] = ["/grpc.health.v1.Health/Watch", "/sightline.v1.ImageService/BulkCreateImages"];

const ATTEMPTS_BEFORE: &str = "grpc-previous-rpc-attempts";
const PUSHBACK: &str = "grpc-retry-pushback-ms";

type Inner = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// The service under the clients of [`v1`](crate::v1): a tonic channel, with deadlines and retries.
#[derive(Clone, Debug)]
pub struct Transport {
    inner: Inner,
    timeout: Duration,
}

impl Transport {
    pub(crate) fn new<S, B>(inner: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<StdError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError>,
    {
        let inner = inner.map_response(|answer| answer.map(Body::new)).map_err(|error| broken(error.into()));
        Self { inner: BoxCloneSyncService::new(inner), timeout: DEFAULT_TIMEOUT }
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
        let timeout = grpc_timeout::read(request.headers()).or((!endless).then_some(self.timeout));
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let attempts = attempts(self.inner.clone(), request, deadline);
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

/// Makes a call, and makes it again for as long as its policy says.
async fn attempts(inner: Inner, request: Request<Body>, deadline: Option<Instant>) -> Result<Response<Body>, Status> {
    let Some(policy) = retry_policy(request.uri().path()) else {
        return attempt(inner, request, deadline).await;
    };
    let (mut head, body) = request.into_parts();
    let message = body.collect().await?.to_bytes();
    let mut pauses = policy.pauses();
    for attempts_before in 1.. {
        let request = Request::from_parts(head.clone(), Body::new(Full::new(message.clone())));
        let answer = attempt(inner.clone(), request, deadline).await;
        let Some(pause) = next_pause(policy, &answer, pauses.next()) else { return answer };
        sleep(pause).await;
        head.headers.insert(ATTEMPTS_BEFORE, attempts_before.into());
    }
    unreachable!("pauses come to an end")
}

/// Makes a call once, and tells the server how long it may take.
async fn attempt(
    inner: Inner,
    mut request: Request<Body>,
    deadline: Option<Instant>,
) -> Result<Response<Body>, Status> {
    if let Some(deadline) = deadline {
        let left = deadline.saturating_duration_since(Instant::now());
        request.headers_mut().insert(grpc_timeout::GRPC_TIMEOUT, grpc_timeout::write(left));
    }
    inner.oneshot(request).await
}

/// How long to wait before the next attempt: as planned, or as the server asks. None where this was the last.
fn next_pause(
    policy: &RetryPolicy,
    answer: &Result<Response<Body>, Status>,
    planned: Option<Duration>,
) -> Option<Duration> {
    let (code, asked) = match answer {
        // A status among the headers means that there is no more; where there may be, the call stays as it is.
        Ok(answer) => (Status::from_header_map(answer.headers())?.code(), answer.headers().get(PUSHBACK)),
        Err(status) => (status.code(), None),
    };
    let planned = planned.filter(|_| policy.repeats(code))?;
    match asked {
        None => Some(planned),
        Some(asked) => asked.to_str().ok()?.parse().ok().map(Duration::from_millis),
    }
}

fn expired() -> Status {
    Status::deadline_exceeded("the call took longer than its deadline allows")
}

/// The status for a call that its connection failed: UNAVAILABLE, as gRPC's cores say it.
fn broken(error: StdError) -> Status {
    let error = match error.downcast::<Status>() {
        Ok(status) => return *status,
        Err(error) => error,
    };
    let mut causes = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let mut status = Status::unavailable(causes.join(": "));
    status.set_source(error.into());
    status
}

/// An answer's body, which ends with the deadline.
struct Answer {
    body: Body,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    fn new(body: Body, deadline: Option<Instant>) -> Self {
        Self { body, deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))) }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(expired())));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::sync::{Arc, Mutex};

    use tonic::Code;

    use super::*;
    use crate::testing::{Answer, refuse, reply, served_by};
    use crate::v1::{CreateCollectionRequest, GetCollectionRequest, Image};
    use crate::{Sightline, testing};

    /// A server that gives these answers in turn, and the headers that its calls had.
    fn scripted(answers: Vec<Answer>) -> (Sightline, Arc<Mutex<Vec<http::HeaderMap>>>) {
        let (answers, seen) = (Arc::new(Mutex::new(answers.into_iter())), Arc::<Mutex<Vec<_>>>::default());
        let noted = seen.clone();
        let client = served_by(move |request| {
            noted.lock().unwrap().push(request.headers().clone());
            let answer = answers.lock().unwrap().next().expect("no further call");
            async move {
                assert_eq!(testing::messages::<GetCollectionRequest>(request).await.len(), 1);
                answer
            }
        });
        (client, seen)
    }

    fn unavailable() -> Answer {
        refuse(Status::unavailable("not yet"))
    }

    fn collection() -> GetCollectionRequest {
        GetCollectionRequest { name: "collections/default".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_until_it_is_answered() {
        let lost = Err(Status::unavailable("connection refused"));
        let (client, seen) = scripted(vec![unavailable(), lost, reply(&Image::default())]);
        let begun = Instant::now();

        client.collections().get_collection(collection()).await.unwrap();

        let attempts: Vec<_> = seen.lock().unwrap().iter().map(|head| head.get(ATTEMPTS_BEFORE).cloned()).collect();
        assert_eq!(attempts, [None, Some(1.into()), Some(2.into())]);
        let took = begun.elapsed().as_millis();
        assert!((480..=722).contains(&took), "0.2 s and 0.4 s, within a fifth: {took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn the_fourth_attempt_is_the_last() {
        let (client, seen) = scripted((0..9).map(|_| unavailable()).collect());

        let status = client.collections().get_collection(collection()).await.unwrap_err();

        assert_eq!((status.code(), status.message()), (Code::Unavailable, "not yet"));
        assert_eq!(seen.lock().unwrap().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn other_codes_and_other_methods_are_not_repeated() {
        let (client, _) = scripted(vec![refuse(Status::not_found("no")), unavailable()]);

        let missing = client.collections().get_collection(collection()).await.unwrap_err();
        let uncreated = client.collections().create_collection(CreateCollectionRequest::default()).await.unwrap_err();

        assert_eq!((missing.code(), uncreated.code()), (Code::NotFound, Code::Unavailable));
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_may_say_when_or_never() {
        let asking = |value: &str| {
            unavailable().map(|mut answer| {
                answer.headers_mut().insert(PUSHBACK, value.parse().unwrap());
                answer
            })
        };
        let (client, seen) = scripted(vec![asking("7000"), asking("-1")]);
        let begun = Instant::now();

        client.collections().get_collection(collection()).await.unwrap_err();

        assert_eq!((begun.elapsed().as_secs(), seen.lock().unwrap().len()), (7, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_holds_over_all_attempts_and_every_attempt_tells_what_is_left() {
        let (client, seen) = scripted((0..9).map(|_| unavailable()).collect());
        let begun = Instant::now();
        let mut request = tonic::Request::new(collection());
        request.set_timeout(Duration::from_millis(500));

        let status = client.collections().get_collection(request).await.unwrap_err();

        assert_eq!((status.code(), begun.elapsed().as_millis() / 10), (Code::DeadlineExceeded, 50));
        let left: Vec<_> = seen.lock().unwrap().iter().map(|head| grpc_timeout::read(head).unwrap()).collect();
        assert_eq!(left[0], Duration::from_millis(500));
        assert!(left.windows(2).all(|pair| pair[1] < pair[0]), "{left:?}");
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
