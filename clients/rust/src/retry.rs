//! Retries: a call that the service config lists is made again while its policy says so (gRFC A6).

use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep};
use tonic::{Status, body::Body};
use tower::{ServiceExt, util::BoxCloneSyncService};

use crate::deadline::{GRPC_TIMEOUT, to_header};
use crate::service_config::{RetryPolicy, retry_policy};

const ATTEMPTS_BEFORE: &str = "grpc-previous-rpc-attempts";
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// What makes one attempt.
pub type Channel = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;
type Answer = Result<Response<Body>, Status>;

/// Makes a call, and makes it again for as long as its policy says.
pub async fn attempts(channel: Channel, request: Request<Body>, deadline: Option<Instant>) -> Answer {
    let Some(policy) = retry_policy(request.uri().path()) else {
        return attempt(channel, request, deadline).await;
    };
    let (mut head, body) = request.into_parts();
    let message = body.collect().await?.to_bytes();
    let mut pauses = policy.pauses();
    let mut attempts_before = 0;
    loop {
        let request = Request::from_parts(head.clone(), Body::new(Full::new(message.clone())));
        let answer = attempt(channel.clone(), request, deadline).await;
        let Some(pause) = next_pause(policy, &answer, pauses.next()) else { return answer };
        sleep(pause).await;
        attempts_before += 1;
        head.headers.insert(ATTEMPTS_BEFORE, attempts_before.into());
    }
}

/// Makes a call once, and tells the server how long it may take.
async fn attempt(channel: Channel, mut request: Request<Body>, deadline: Option<Instant>) -> Answer {
    if let Some(deadline) = deadline {
        let left = deadline.saturating_duration_since(Instant::now());
        request.headers_mut().insert(GRPC_TIMEOUT, to_header(left));
    }
    channel.oneshot(request).await
}

/// How long to wait before the next attempt: as planned, or as the server asks. None where this was the last.
fn next_pause(policy: &RetryPolicy, answer: &Answer, planned: Option<Duration>) -> Option<Duration> {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tonic::Code;

    use super::*;
    use crate::Sightline;
    use crate::deadline::from_headers;
    use crate::testing::{messages, refuse, reply, served_by};
    use crate::v1::{CreateCollectionRequest, GetCollectionRequest, Image};

    /// A server that gives these answers in turn, and the headers that its calls had.
    fn scripted(answers: Vec<Answer>) -> (Sightline, Arc<Mutex<Vec<http::HeaderMap>>>) {
        let (answers, seen) = (Arc::new(Mutex::new(answers.into_iter())), Arc::<Mutex<Vec<_>>>::default());
        let noted = seen.clone();
        let client = served_by(move |request| {
            noted.lock().unwrap().push(request.headers().clone());
            let answer = answers.lock().unwrap().next().expect("no further call");
            async move {
                assert_eq!(messages::<GetCollectionRequest>(request).await.len(), 1);
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
        let left: Vec<_> = seen.lock().unwrap().iter().map(|head| from_headers(head).unwrap()).collect();
        assert_eq!(left[0], Duration::from_millis(500));
        assert!(left.windows(2).all(|pair| pair[1] < pair[0]), "{left:?}");
    }
}
