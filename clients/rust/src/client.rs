//! The client: every service of the API, and the few calls that need more than a stub.

use std::{env, time::Duration};

use futures_util::Stream;
use http::{Request, Response};
use prost::bytes::Bytes;
use tokio::{io::AsyncRead, time::timeout};
use tonic::transport::{Endpoint, Error};
use tonic::{IntoRequest, Status, body::Body, codegen::StdError};
use tonic_health::pb::health_client::HealthClient;
use tower::Service;

use crate::bulk::{CreateResult, create_many, repeatable};
use crate::deadline::expired;
use crate::environment;
use crate::google::longrunning::operations_client::OperationsClient;
use crate::google::longrunning::{GetOperationRequest, Operation};
use crate::operations::wait;
use crate::pages::{Items, walk};
use crate::transport::Transport;
use crate::upload::upload;
use crate::v1::collection_service_client::CollectionServiceClient;
use crate::v1::embedding_service_client::EmbeddingServiceClient;
use crate::v1::image_service_client::ImageServiceClient;
use crate::v1::import_service_client::ImportServiceClient;
use crate::v1::model_service_client::ModelServiceClient;
use crate::v1::search_service_client::SearchServiceClient;
use crate::v1::segmentation_service_client::SegmentationServiceClient;
use crate::v1::text_service_client::TextServiceClient;
use crate::v1::{
    Collection, CreateImageRequest, FindDuplicatesRequest, Hit, Image, ListCollectionsRequest, ListImagesRequest,
    ListPacksRequest, ListRegionsRequest, ListTextsRequest, Pack, Region, SearchRequest, Text,
    find_duplicates_response::Group, upload_image_request::Start,
};

const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// A connection to one server, which all its clones share. Calls answer what tonic's do.
///
/// A call takes at most 60 s, its retries included, unless the request or [`with_timeout`](Self::with_timeout) says
/// otherwise; streams of answers last until they are dropped. A call that is dropped is cancelled on the server, too.
#[derive(Clone, Debug)]
pub struct Sightline {
    transport: Transport,
}

macro_rules! services {
    ($($(#[$doc:meta])* $name:ident: $client:ident,)*) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> $client<Transport> {
            $client::new(self.transport.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
        }
    )*};
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $service:ident.$call:ident($request:ty), $items:ident of $item:ty,)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, request: impl IntoRequest<$request>) -> Items<$item> {
            let client = self.$service();
            walk(request.into_request(), |request, token| request.page_token = token, move |request| {
                let mut client = client.clone();
                async move {
                    let page = client.$call(request).await?.into_inner();
                    Ok((page.$items, page.next_page_token))
                }
            })
        }
    )*};
}

impl Sightline {
    /// A client for the server at `HOST:PORT`, or `https://HOST:PORT` for TLS with the system's roots. It connects
    /// with the first call, and again whenever it must. Fails for what is no address; panics outside a Tokio runtime.
    pub fn connect(address: &str) -> Result<Self, Error> {
        Ok(Self::new(Self::endpoint(address)?.connect_lazy()))
    }

    /// As [`connect`](Self::connect), the address that of the environment: `SIGHTLINE_ORCHESTRATOR_ADDRESS`, else
    /// `SIGHTLINE_ORCHESTRATOR_HOST` and `SIGHTLINE_ORCHESTRATOR_PORT`, else 127.0.0.1:50051.
    pub fn from_env() -> Result<Self, Error> {
        Self::connect(&environment::address(|name| env::var(name).ok()))
    }

    /// What [`connect`](Self::connect) connects to, for settings of your own, such as the authority that TLS trusts.
    pub fn endpoint(address: &str) -> Result<Endpoint, Error> {
        let plain = if address.contains("://") { "" } else { "http://" };
        let endpoint = Endpoint::from_shared(format!("{plain}{address}"))?.http2_keep_alive_interval(KEEP_ALIVE);
        #[cfg(feature = "tls")]
        if endpoint.uri().scheme() == Some(&http::uri::Scheme::HTTPS) {
            return endpoint.tls_config(tonic::transport::ClientTlsConfig::new().with_enabled_roots());
        }
        Ok(endpoint)
    }

    /// A client over a channel of your own, or a service around one.
    ///
    /// ```no_run
    /// use sightline_client::{Sightline, tonic::{Request, service::interceptor::InterceptedService}};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let channel = Sightline::endpoint("127.0.0.1:50051")?.connect_lazy();
    /// let keyed = |mut request: Request<()>| {
    ///     request.metadata_mut().insert("x-api-key", "secret".parse().expect("ASCII"));
    ///     Ok(request)
    /// };
    /// let sightline = Sightline::new(InterceptedService::new(channel, keyed));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new<S, B>(channel: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<StdError>,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError>,
    {
        Self { transport: Transport::new(channel) }
    }

    /// The client, with another deadline for calls whose request has none.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { transport: self.transport.with_timeout(timeout) }
    }

    services! {
        /// `sightline.v1.CollectionService`.
        collections: CollectionServiceClient,
        /// `sightline.v1.ImageService`.
        images: ImageServiceClient,
        /// `sightline.v1.SegmentationService`.
        segmentation: SegmentationServiceClient,
        /// `sightline.v1.TextService`.
        texts: TextServiceClient,
        /// `sightline.v1.SearchService`.
        searches: SearchServiceClient,
        /// `sightline.v1.EmbeddingService`.
        embeddings: EmbeddingServiceClient,
        /// `sightline.v1.ModelService`.
        models: ModelServiceClient,
        /// `sightline.v1.ImportService`.
        imports: ImportServiceClient,
        /// `google.longrunning.Operations`.
        operations: OperationsClient,
        /// `grpc.health.v1.Health`: whether the server, or a service of it, answers, now or at every change.
        health: HealthClient,
    }

    lists! {
        /// All collections, by name.
        list_collections: collections.list_collections(ListCollectionsRequest), collections of Collection,
        /// The images of a collection that a filter finds.
        list_images: images.list_images(ListImagesRequest), images of Image,
        /// The text records of a collection that a filter finds, the oldest first.
        list_texts: texts.list_texts(ListTextsRequest), texts of Text,
        /// The regions of an image, the largest first.
        list_regions: segmentation.list_regions(ListRegionsRequest), regions of Region,
        /// The installed model packs.
        list_packs: models.list_packs(ListPacksRequest), packs of Pack,
        /// What is nearest to the query, the best first.
        search: searches.search(SearchRequest), hits of Hit,
        /// Groups of images that are the same or nearly so, by their oldest images.
        find_duplicates: searches.find_duplicates(FindDuplicatesRequest), groups of Group,
    }

    /// Stores an image. The request gets an id of its own (AIP-155) unless it has one: repeated, it creates nothing
    /// twice.
    pub async fn create_image(
        &self,
        request: impl IntoRequest<CreateImageRequest>,
    ) -> Result<tonic::Response<Image>, Status> {
        self.images().create_image(request.into_request().map(repeatable)).await
    }

    /// Stores images over one stream, at most `in_flight` of them (1 or more) without an answer, and gives a result for
    /// each, in any order. An image that fails is a result too; where the call itself fails, its status comes last. To
    /// drop the stream cancels the call. Each gets an id as [`create_image`](Self::create_image)'s does.
    pub fn create_images(
        &self,
        images: impl Stream<Item = CreateImageRequest> + Send + 'static,
        in_flight: usize,
    ) -> Items<CreateResult> {
        create_many(self.images(), images, in_flight)
    }

    /// As [`create_image`](Self::create_image), the file in chunks of 64 KiB, read as they are sent, and their
    /// checksum, which the server checks. Where the file cannot be read, the call is cancelled and the status's source
    /// is the `io::Error`.
    pub async fn upload_image(
        &self,
        start: impl IntoRequest<Start>,
        file: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<tonic::Response<Image>, Status> {
        upload(self.images(), start.into_request(), file).await
    }

    /// Asks for a long-running operation until it is done, and answers it: its `result` is the response. Fails with the
    /// operation's own error, or with `DEADLINE_EXCEEDED` where it is not done after `at_most`; each time that it asks
    /// is a call with a deadline of its own.
    pub async fn wait_operation(
        &self,
        request: impl IntoRequest<GetOperationRequest>,
        at_most: Duration,
    ) -> Result<Operation, Status> {
        let waited = timeout(at_most, wait(self.operations(), request.into_request())).await;
        waited.unwrap_or_else(|_| Err(expired()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::testing::{messages, refuse, reply, served_by};

    #[tokio::test(start_paused = true)]
    async fn a_repeated_creation_bears_the_same_id() {
        let ids = Arc::<Mutex<Vec<String>>>::default();
        let seen = ids.clone();
        let client = served_by(move |request| {
            let ids = ids.clone();
            async move {
                let [request] = &messages::<CreateImageRequest>(request).await[..] else { panic!("one message") };
                ids.lock().unwrap().push(request.request_id.clone());
                if ids.lock().unwrap().len() == 1 { refuse(Status::unavailable("")) } else { reply(&Image::default()) }
            }
        });

        client.create_image(CreateImageRequest::default()).await.unwrap();
        client.create_image(CreateImageRequest { request_id: "mine".into(), ..Default::default() }).await.unwrap();

        let [first, again, mine] = &seen.lock().unwrap()[..] else { panic!("three attempts") };
        assert!(uuid::Uuid::parse_str(first).is_ok());
        assert_eq!((again, mine.as_str()), (first, "mine"));
    }

    #[tokio::test]
    async fn what_is_no_address_is_refused() {
        assert!(Sightline::connect("not an address").is_err());
        assert!(Sightline::connect("127.0.0.1:50051").is_ok());
    }
}
