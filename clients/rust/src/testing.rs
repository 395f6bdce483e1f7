//! A server that is a function: what the tests' clients call.

use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
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
    let trailers = HeaderMap::from_iter([(Status::GRPC_STATUS, "0".parse().unwrap())]);
    let body = Full::new(framed(message)).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    Ok(response)
}

/// A status in the headers, as a server answers that has nothing else to say.
pub fn refuse(status: Status) -> Answer {
    Ok(status.into_http())
}

/// Messages as they come, and OK in the trailers.
pub fn replies<M: Message + 'static>(messages: impl Stream<Item = M> + Send + 'static) -> Answer {
    let trailers = HeaderMap::from_iter([(Status::GRPC_STATUS, "0".parse().unwrap())]);
    let frames = messages.map(|message| Ok::<_, Status>(Frame::data(framed(&message))));
    let body = StreamBody::new(frames.chain(stream::once(async { Ok(Frame::trailers(trailers)) })));
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    Ok(response)
}

/// The messages of a request as they come.
pub fn stream_of<M: Message + Default>(request: Request) -> impl Stream<Item = M> + Send + Unpin {
    let frames = BodyStream::new(request.into_body());
    let messages = frames.map(|frame| {
        let mut bytes = frame.expect("the client's own stream").into_data().expect("no trailers");
        let mut found = vec![];
        while bytes.has_remaining() {
            bytes.advance(1); // not compressed
            let length = bytes.get_u32() as usize;
            found.push(M::decode(bytes.split_to(length)).expect("a whole message a frame"));
        }
        stream::iter(found)
    });
    Box::pin(messages.flatten())
}

fn framed(message: &impl Message) -> Bytes {
    let mut framed = vec![0];
    framed.put_u32(message.encoded_len() as u32);
    message.encode(&mut framed).expect("a Vec grows");
    framed.into()
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
