//! Creating many images over one stream.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::sync::Semaphore;
use tonic::{Response, Status};
use uuid::Uuid;

use crate::errors::from_rpc_status;
use crate::pages::Items;
use crate::transport::Transport;
use crate::v1::bulk_create_images_response::Result as Answer;
use crate::v1::image_service_client::ImageServiceClient;
use crate::v1::{BulkCreateImagesRequest, CreateImageRequest, Image};

/// What became of one image of a bulk create.
#[derive(Clone, Debug)]
pub struct CreateResult {
    /// Its place among those given.
    pub index: u64,
    /// The image, or why there is none.
    pub image: Result<Image, Status>,
}

/// Sends images, at most `in_flight` without an answer.
pub fn create_many(
    mut client: ImageServiceClient<Transport>,
    images: impl Stream<Item = CreateImageRequest> + Send + 'static,
    in_flight: usize,
) -> Items<CreateResult> {
    let turns = Arc::new(Semaphore::new(in_flight.max(1)));
    let taken = turns.clone();
    let requests = images.zip(stream::iter(0..)).then(move |(request, index)| {
        let turns = taken.clone();
        async move {
            turns.acquire().await.expect("it is never closed").forget();
            BulkCreateImagesRequest { index, request: Some(repeatable(request)) }
        }
    });
    stream::once(async move { client.bulk_create_images(requests).await.map(Response::into_inner) })
        .try_flatten()
        .try_filter_map(move |answer| {
            turns.add_permits(1);
            let index = answer.index as u64;
            let result = answer.result.map(|result| match result {
                Answer::Image(image) => CreateResult { index, image: Ok(image) },
                Answer::Error(status) => CreateResult { index, image: Err(from_rpc_status(&status)) },
            });
            async move { Ok(result) }
        })
        .boxed()
}

/// The request with an id of its own (AIP-155): sent again, it creates nothing twice.
pub fn repeatable(mut request: CreateImageRequest) -> CreateImageRequest {
    if request.request_id.is_empty() {
        request.request_id = Uuid::new_v4().to_string();
    }
    request
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use tonic::Code;
    use tonic_types::pb;

    use super::*;
    use crate::Sightline;
    use crate::testing::{refuse, replies, served_by, stream_of};
    use crate::v1::BulkCreateImagesResponse;

    fn numbered(count: usize) -> impl Stream<Item = CreateImageRequest> + Send + 'static {
        stream::iter((0..count).map(|number| CreateImageRequest { image_id: number.to_string(), ..Default::default() }))
    }

    /// Creates all but the third, each after all others that come meanwhile; `most` is how many it held at once.
    fn slow(most: Arc<AtomicUsize>) -> Sightline {
        served_by(move |request| {
            let most = most.clone();
            async move {
                let (mut requests, mut held) = (stream_of::<BulkCreateImagesRequest>(request), Vec::new());
                replies(stream::poll_fn(move |context| {
                    loop {
                        match requests.poll_next_unpin(context) {
                            std::task::Poll::Ready(Some(request)) => {
                                held.push(request);
                                most.fetch_max(held.len(), SeqCst);
                            }
                            std::task::Poll::Ready(None) if held.is_empty() => return std::task::Poll::Ready(None),
                            std::task::Poll::Pending if held.is_empty() => return std::task::Poll::Pending,
                            _ => return std::task::Poll::Ready(held.pop().map(answer)),
                        }
                    }
                }))
            }
        })
    }

    fn answer(request: BulkCreateImagesRequest) -> BulkCreateImagesResponse {
        let asked = request.request.expect("a request");
        assert!(Uuid::parse_str(&asked.request_id).is_ok());
        let result = if asked.image_id == "3" {
            Answer::Error(pb::Status {
                code: Code::NotFound.into(),
                message: "no picture".into(),
                ..Default::default()
            })
        } else {
            Answer::Image(Image { name: asked.image_id, ..Default::default() })
        };
        BulkCreateImagesResponse { index: request.index, result: Some(result), ..Default::default() }
    }

    #[tokio::test]
    async fn so_many_are_in_flight_and_no_more() {
        let most = Arc::<AtomicUsize>::default();

        let mut results: Vec<_> = slow(most.clone()).create_images(numbered(9), 2).try_collect().await.unwrap();

        results.sort_by_key(|result| result.index);
        for (number, result) in results.iter().enumerate() {
            match &result.image {
                Ok(image) => assert_eq!(image.name, number.to_string()),
                Err(status) => assert_eq!((number, status.code(), status.message()), (3, Code::NotFound, "no picture")),
            }
        }
        assert_eq!((results.len(), most.load(SeqCst)), (9, 2));
    }

    #[tokio::test]
    async fn the_calls_own_failure_is_the_last_item() {
        let client = served_by(|_| async { refuse(Status::permission_denied("not you")) });

        let results: Vec<_> = client.create_images(numbered(3), 2).collect().await;

        let [Err(status)] = &results[..] else { panic!("one failure") };
        assert_eq!(status.code(), Code::PermissionDenied);
    }
}
