//! Lists that come in pages.

use futures_util::{TryStreamExt, stream, stream::BoxStream};
use tonic::{Request, Status};

/// The items of all pages, each page fetched when the one before is read. It ends with the first error.
pub type Items<T> = BoxStream<'static, Result<T, Status>>;

/// Calls `fetch` for page after page: it answers the items and the token of the next page, empty on the last.
/// Every call bears the request's metadata.
pub fn walk<Q, T, F, A>(request: Request<Q>, set_token: fn(&mut Q, String), fetch: F) -> Items<T>
where
    Q: Clone + Send + 'static,
    T: Send + 'static,
    F: Fn(Request<Q>) -> A + Send + 'static,
    A: Future<Output = Result<(Vec<T>, String), Status>> + Send + 'static,
{
    let (metadata, extensions, message) = request.into_parts();
    let pages = stream::try_unfold(Some(message), move |message| {
        let asked = message.map(|message| {
            let request = Request::from_parts(metadata.clone(), extensions.clone(), message.clone());
            (message, fetch(request))
        });
        async move {
            let Some((mut message, page)) = asked else { return Ok::<_, Status>(None) };
            let (items, next) = page.await?;
            let last = next.is_empty();
            set_token(&mut message, next);
            Ok(Some((stream::iter(items.into_iter().map(Ok)), (!last).then_some(message))))
        }
    });
    Box::pin(pages.try_flatten())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;
    use crate::testing::{messages, refuse, reply, served_by};
    use crate::v1::{Image, ListImagesRequest, ListImagesResponse};

    /// A server of pages of two images, of which the one with the token "end" is missing, and the calls it got.
    fn pages_until(last: &'static str) -> (crate::Sightline, Arc<AtomicUsize>) {
        let calls = Arc::<AtomicUsize>::default();
        let counted = calls.clone();
        let client = served_by(move |request| {
            counted.fetch_add(1, Relaxed);
            assert_eq!(request.headers()["x-request-id"], "pages");
            async move {
                let [asked] = &messages::<ListImagesRequest>(request).await[..] else { panic!("one message") };
                assert_eq!(asked.parent, "collections/default");
                let (names, next_page_token) = match asked.page_token.as_str() {
                    "" => (vec!["a", "b"], "second"),
                    "second" => (vec![], "third"),
                    "third" => (vec!["c"], last),
                    _ => return refuse(Status::invalid_argument("no such page")),
                };
                let images = names.into_iter().map(|name| Image { name: name.into(), ..Image::default() }).collect();
                reply(&ListImagesResponse { images, next_page_token: next_page_token.into(), total_size: 3 })
            }
        });
        (client, calls)
    }

    fn request() -> Request<ListImagesRequest> {
        let parent = "collections/default".into();
        let mut request = Request::new(ListImagesRequest { parent, page_size: 2, ..Default::default() });
        request.metadata_mut().insert("x-request-id", "pages".parse().unwrap());
        request
    }

    #[tokio::test]
    async fn all_items_of_all_pages_come_in_order() {
        let (client, calls) = pages_until("");
        let images: Vec<_> = client.list_images(request()).map_ok(|image| image.name).try_collect().await.unwrap();
        assert_eq!(images, ["a", "b", "c"]);
        assert_eq!(calls.load(Relaxed), 3);
    }

    #[tokio::test]
    async fn a_page_is_fetched_when_it_is_read() {
        let (client, calls) = pages_until("");
        let mut images = client.list_images(request());
        assert_eq!(calls.load(Relaxed), 0);
        images.try_next().await.unwrap();
        images.try_next().await.unwrap();
        assert_eq!(calls.load(Relaxed), 1);
    }

    #[tokio::test]
    async fn an_error_comes_after_what_was_fetched_and_ends_it() {
        let (client, _) = pages_until("gone");
        let mut images = client.list_images(request());
        for _ in 0..3 {
            assert!(images.try_next().await.unwrap().is_some());
        }
        assert_eq!(images.try_next().await.unwrap_err().message(), "no such page");
        assert!(images.try_next().await.unwrap().is_none());
    }
}
