//! A server that is a function: what the tests' clients call.

use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use prost::bytes::{Buf, BufMut, Bytes};
use tonic::{Status, body::Body};

use crate::Sightline;

pub type Request = http::Request<Body>;
pub type Answer = Result<Response<Body>, Status>;

/// A client whose every attempt `serve` answers.
pub fn served_by<F, A>(serve: F) -> Sightline
where
    F: Fn(Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    Sightline::new(tower::service_fn(serve))
}

/// One message, and OK in the trailers.
pub fn reply(message: &impl Message) -> Answer {
    let mut framed = vec![0];
    framed.put_u32(message.encoded_len() as u32);
    message.encode(&mut framed).expect("a Vec grows");
    let trailers = HeaderMap::from_iter([(Status::GRPC_STATUS, "0".parse().unwrap())]);
    let body = Full::new(Bytes::from(framed)).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    Ok(response)
}

/// A status in the headers, as a server answers that has nothing else to say.
pub fn refuse(status: Status) -> Answer {
    Ok(status.into_http())
}

/// All messages of a request.
pub async fn messages<M: Message + Default>(request: Request) -> Vec<M> {
    let mut bytes = request.into_body().collect().await.expect("the client's own stream").to_bytes();
    let mut found = vec![];
    while bytes.has_remaining() {
        bytes.advance(1); // not compressed
        let length = bytes.get_u32() as usize;
        found.push(M::decode(bytes.split_to(length)).expect("a message"));
    }
    found
}
