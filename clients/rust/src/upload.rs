//! Files, and the chunks in which they travel.

use std::{io, pin::pin, sync::Arc};

use crc32c::crc32c_append;
use futures_util::{Stream, StreamExt, future, stream};
use prost::bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::oneshot;
use tonic::{Request, Response, Status};

use crate::transport::Transport;
use crate::v1::upload_image_request::{Finish, Part, Start};
use crate::v1::{Image, UploadImageRequest, image_service_client::ImageServiceClient};

/// The most bytes of one chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Sends a file as it is read. Where reading fails, the call is cancelled: the server keeps nothing.
pub async fn upload(
    mut images: ImageServiceClient<Transport>,
    start: Request<Start>,
    file: impl AsyncRead + Send + Unpin + 'static,
) -> Result<Response<Image>, Status> {
    let (metadata, extensions, start) = start.into_parts();
    let (fail, failure) = oneshot::channel();
    let parts = Request::from_parts(metadata, extensions, parts(start, file, fail));
    let call = pin!(images.upload_image(parts));
    match future::select(call, failure).await {
        future::Either::Left((answer, _)) => answer,
        future::Either::Right((Ok(error), _)) => Err(unread(error)),
        future::Either::Right((Err(_), call)) => call.await, // all is read
    }
}

/// The messages of an upload: its start, the chunks, its end with their checksum. What fails goes to `fail`, and then nothing follows.
fn parts(
    start: Start,
    file: impl AsyncRead + Send + Unpin + 'static,
    fail: oneshot::Sender<io::Error>,
) -> impl Stream<Item = UploadImageRequest> + Send + 'static {
    let rest = stream::unfold(Some((file, fail, 0)), |reading| async move {
        let (mut file, fail, crc32c) = reading?;
        match next_chunk(&mut file).await {
            Ok(chunk) if chunk.is_empty() => Some((Part::Finish(Finish { crc32c: Some(crc32c) }), None)),
            Ok(chunk) => {
                let crc32c = crc32c_append(crc32c, &chunk);
                Some((Part::Chunk(chunk), Some((file, fail, crc32c))))
            }
            Err(error) => {
                let _ = fail.send(error); // nobody listens where the call has ended
                future::pending().await
            }
        }
    });
    stream::iter([Part::Start(start)]).chain(rest).map(|part| UploadImageRequest { part: Some(part) })
}

/// The next bytes, as many as a chunk takes unless the file ends; none at its end.
async fn next_chunk(file: &mut (impl AsyncRead + Unpin)) -> io::Result<Bytes> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    file.take(CHUNK_BYTES as u64).read_to_end(&mut chunk).await?;
    Ok(chunk.into())
}

fn unread(error: io::Error) -> Status {
    let mut status = Status::cancelled(format!("the file cannot be read: {error}"));
    status.set_source(Arc::new(error));
    status
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tonic::Code;

    use super::*;
    use crate::testing::{messages, refuse, reply, served_by};

    fn start() -> Start {
        Start { parent: "collections/default".into(), image_id: "dog".into(), ..Start::default() }
    }

    #[tokio::test]
    async fn a_file_goes_in_full_chunks_between_start_and_finish() {
        let file: Vec<u8> = (0..2 * CHUNK_BYTES + 5).map(|byte| byte as u8).collect();
        let given = file.clone();
        let client = served_by(move |request| {
            let file = file.clone();
            async move {
                let parts: Vec<_> =
                    messages(request).await.into_iter().filter_map(|m: UploadImageRequest| m.part).collect();
                let mut expected = vec![Part::Start(start())];
                expected.extend(file.chunks(CHUNK_BYTES).map(|chunk| Part::Chunk(Bytes::copy_from_slice(chunk))));
                expected.push(Part::Finish(Finish { crc32c: Some(crc32c::crc32c(&file)) }));
                assert!(parts == expected);
                reply(&Image { name: "dog".into(), ..Image::default() })
            }
        });
        // A reader that gives less than is asked for.
        let (front, back) = (Cursor::new(given[..100].to_vec()), Cursor::new(given[100..].to_vec()));

        let image = client.upload_image(start(), front.chain(back)).await.unwrap().into_inner();

        assert_eq!(image.name, "dog");
    }

    #[tokio::test]
    async fn the_checksum_is_castagnolis() {
        let client = served_by(|request| async {
            let parts: Vec<UploadImageRequest> = messages(request).await;
            // The check value of CRC-32/ISCSI in the catalogue of parametrised CRC algorithms.
            let finish = Finish { crc32c: Some(0xE306_9283) };
            assert_eq!(parts.last().unwrap().part, Some(Part::Finish(finish)));
            reply(&Image::default())
        });

        client.upload_image(start(), &b"123456789"[..]).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_cancels_the_upload() {
        let client = served_by(|request| async {
            messages::<UploadImageRequest>(request).await;
            panic!("the server saw the end of a broken upload")
        });
        let broken = futures_util::stream::iter([Ok(&b"begun"[..]), Err(io::Error::other("the disk is gone"))]);
        let reader = tokio_util::io::StreamReader::new(broken);

        let status = client.upload_image(start(), reader).await.unwrap_err();

        assert_eq!(status.code(), Code::Cancelled);
        assert!(status.message().contains("the disk is gone"));
        assert!(std::error::Error::source(&status).unwrap().is::<io::Error>());
    }

    #[tokio::test]
    async fn what_the_server_says_early_ends_the_upload() {
        let client = served_by(|_| async { refuse(Status::not_found("no such collection")) });

        let status = client.upload_image(start(), tokio::io::repeat(7)).await.unwrap_err();

        assert_eq!(status.code(), Code::NotFound);
    }
}
