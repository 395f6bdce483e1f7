//! The script of calls that every language's client is tested by, printed as one JSON object a step.
//!
//! Its environment says where the servers are: `SIGHTLINE_TARGET`, `SIGHTLINE_COLLECTION`, `SIGHTLINE_PICTURES`,
//! `SIGHTLINE_FLAKY_TARGET`, `SIGHTLINE_TLS_TARGET` and `SIGHTLINE_TLS_CA`.

use std::{collections::BTreeMap, env, error::Error, fs, path::PathBuf, time::Duration};

use futures_util::{TryStreamExt, stream};
use prost::Message;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sightline_client::google::longrunning::{GetOperationRequest, operation};
use sightline_client::health::{HealthCheckRequest, health_check_response::ServingStatus};
use sightline_client::tonic::{Code, Request, Status, transport::Certificate, transport::ClientTlsConfig};
use sightline_client::types::StatusExt;
use sightline_client::v1::create_image_request::Source;
use sightline_client::v1::search_request::{InlineImage, Query, Target};
use sightline_client::v1::{
    CreateCollectionRequest, CreateImageRequest, GetCollectionRequest, GetImageContentRequest, GetImageRequest, Hit,
    Image, ImportImagesRequest, ImportSource, ImportSummary, Label, ListImagesRequest, Prompt, SearchRequest,
    SearchResponse, SegmentImageRequest, import_source, prompt, upload_image_request::Start,
};
use sightline_client::{CreateResult, Sightline, code_name};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Where the script runs, and what with.
struct Script {
    client: Sightline,
    collection: String,
    parent: String,
    pictures: PathBuf,
}

fn say(step: &str, mut fields: Value) {
    fields["step"] = step.into();
    println!("{fields}");
}

fn error_of(status: &Status) -> Value {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    let bad = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let fields: Vec<_> = bad.into_iter().map(|violation| violation.field).collect();
    json!({"code": code_name(status.code()), "message": status.message(), "reason": reason, "fields": fields})
}

fn code_of<T>(answer: &Result<T, Status>) -> &'static str {
    code_name(answer.as_ref().err().map_or(Code::Ok, Status::code))
}

/// What a call that must fail failed with.
fn failure<T>(answer: Result<T, Status>) -> Value {
    answer.map_or_else(|status| error_of(&status), |_| json!({"code": "OK"}))
}

fn hit_of(hit: &Hit) -> Value {
    let mut found = json!({"image": hit.image, "score": hit.score, "relevance": hit.relevance});
    if let Some(found_box) = hit.r#box.filter(|_| !hit.region.is_empty()) {
        found["region"] = hit.region.as_str().into();
        found["box"] = json!([found_box.x_min, found_box.y_min, found_box.x_max, found_box.y_max]);
    }
    found
}

fn hits_of(answer: &SearchResponse) -> Value {
    answer.hits.iter().map(hit_of).collect()
}

impl Script {
    /// A request that the server's log knows again.
    fn tagged<T>(&self, step: &str, message: T) -> Done<Request<T>> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("x-request-id", format!("{}-{step}", self.collection).parse()?);
        Ok(request)
    }

    fn creation(&self, file: &str, image: Image) -> Done<CreateImageRequest> {
        let content = fs::read(self.pictures.join(file))?;
        let (image_id, _) = file.split_once('.').ok_or("no suffix")?;
        Ok(CreateImageRequest {
            parent: self.parent.clone(),
            image_id: image_id.into(),
            image: Some(image),
            source: Some(Source::Content(content.into())),
            ..Default::default()
        })
    }

    async fn health(&self) -> Done {
        let service = "sightline.v1.SearchService".into();
        let mut answers = self.client.health().watch(HealthCheckRequest { service }).await?.into_inner();
        let status = answers.message().await?.ok_or("no answer")?.status;
        say("health", json!({"status": ServingStatus::try_from(status)?.as_str_name()}));
        Ok(())
    }

    async fn create(&self) -> Done {
        let pet = Label { label: "pet".into(), ..Default::default() };
        let image = Image {
            display_name: "dog.jpg".into(),
            folder: "script/animals".into(),
            labels: vec![pet],
            ..Default::default()
        };
        let image = self.client.create_image(self.creation("dog.jpg", image)?).await?.into_inner();
        let labels: Vec<_> = image.labels.iter().map(|label| &label.label).collect();
        say(
            "create",
            json!({
                "name": image.name, "display_name": image.display_name, "folder": image.folder, "labels": labels,
                "width": image.width, "height": image.height, "size_bytes": image.size_bytes, "sha256": image.sha256,
            }),
        );
        Ok(())
    }

    async fn upload(&self) -> Done {
        let start = Start { parent: self.parent.clone(), image_id: "tractor".into(), ..Default::default() };
        let file = tokio::fs::File::open(self.pictures.join("tractor.bmp")).await?;
        let image = self.client.upload_image(start, file).await?.into_inner();
        say("upload", json!({"name": image.name, "size_bytes": image.size_bytes, "sha256": image.sha256}));
        Ok(())
    }

    async fn bulk(&self) -> Done {
        let files = ["chicken.jpg", "broken.jpg", "rainbow.jpg", "fire.jpg"];
        let requests = files.iter().map(|file| self.creation(file, Image::default())).collect::<Done<Vec<_>>>()?;
        let mut answers = self.client.create_images(stream::iter(requests), 2);
        let mut results = BTreeMap::new();
        while let Some(CreateResult { index, image }) = answers.try_next().await? {
            let mut result = image.map_or_else(|status| error_of(&status), |image| json!({"name": image.name}));
            result["index"] = index.into();
            results.insert(index, result);
        }
        say("bulk", json!({"results": results.into_values().collect::<Vec<_>>()}));
        Ok(())
    }

    async fn content(&self) -> Done {
        let request = GetImageContentRequest { name: format!("{}/images/dog", self.parent), ..Default::default() };
        let body = self.client.images().get_image_content(request).await?.into_inner();
        let sha256 = format!("{:x}", Sha256::digest(&body.data));
        say("content", json!({"content_type": body.content_type, "sha256": sha256}));
        Ok(())
    }

    async fn pages(&self) -> Done {
        let (parent, order_by) = (self.parent.clone(), "name".into());
        let request = ListImagesRequest { parent, order_by, page_size: 2, ..Default::default() };
        let images = self.client.list_images(self.tagged("pages", request)?);
        let names: Vec<_> = images.map_ok(|image| image.name).try_collect().await?;
        say("pages", json!({"names": names}));
        Ok(())
    }

    fn query(&self, query: Query) -> SearchRequest {
        SearchRequest { parent: self.parent.clone(), page_size: 3, query: Some(query), ..Default::default() }
    }

    async fn search(&self) -> Done {
        let mut searches = self.client.searches();
        let answer = searches.search(self.query(Query::Text("a rainbow".into()))).await?.into_inner();
        let stages: Vec<_> = answer.stages.iter().map(|stage| &stage.name).collect();
        say("search_text", json!({"hits": hits_of(&answer), "stages": stages}));
        let picture = InlineImage { content: fs::read(self.pictures.join("dog.jpg"))?.into() };
        let answer = searches.search(self.query(Query::Image(picture))).await?.into_inner();
        say("search_picture", json!({"hits": hits_of(&answer)}));
        let dogs = self.query(Query::Text("a dog".into()));
        let regions = SearchRequest { target: Target::Regions.into(), ..dogs };
        let answer = searches.search(regions).await?.into_inner();
        say("search_regions", json!({"hits": hits_of(&answer)}));
        Ok(())
    }

    async fn errors(&self) -> Done {
        let missing = GetImageRequest { name: format!("{}/images/missing", self.parent) };
        say("not_found", failure(self.client.images().get_image(missing).await));
        let mut searches = self.client.searches();
        let query = self.query(Query::Text("a rainbow".into()));
        let wrong = SearchRequest { filter: "width >".into(), ..query.clone() };
        say("bad_request", failure(searches.search(wrong).await));
        let mut hasty = Request::new(query);
        hasty.set_timeout(Duration::from_millis(1));
        say("deadline", json!({"code": code_of(&searches.search(hasty).await)}));
        Ok(())
    }

    async fn operation(&self) -> Done {
        let uri = format!("file://{}", self.pictures.display());
        let files = import_source::Files { uri, pattern: "fire.jpg".into(), ..Default::default() };
        let source = Some(ImportSource { source: Some(import_source::Source::Files(files)) });
        let request = ImportImagesRequest { parent: self.parent.clone(), source, ..Default::default() };
        let begun = self.client.imports().import_images(request).await?.into_inner();
        let asked = GetOperationRequest { name: begun.name.clone() };
        let done = self.client.wait_operation(asked, Duration::from_secs(60)).await?;
        let Some(operation::Result::Response(packed)) = done.result else { return Err("no response".into()) };
        let counts = ImportSummary::decode(packed.value.as_slice())?.counts.ok_or("no counts")?;
        let (items, failed) = (counts.done + counts.duplicate, counts.failed);
        say("operation", json!({"name": done.name, "begun": begun.name, "items": items, "failed": failed}));
        Ok(())
    }

    async fn cancel(&self) -> Done {
        let name = format!("{}/images/dog", self.parent);
        let everything = Prompt { prompt: Some(prompt::Prompt::Everything(Default::default())) };
        let request = SegmentImageRequest { name, prompt: Some(everything), keep: false };
        let mut segmentation = self.client.segmentation();
        let call = segmentation.segment_image(self.tagged("cancel", request)?);
        // In Rust a call is cancelled by dropping it.
        let code = match tokio::time::timeout(Duration::from_millis(300), call).await {
            Ok(answer) => code_of(&answer),
            Err(_) => code_name(Code::Cancelled),
        };
        say("cancel", json!({"code": code}));
        Ok(())
    }
}

async fn retry() -> Done {
    let mut collections = Sightline::connect(&env::var("SIGHTLINE_FLAKY_TARGET")?)?.collections();
    let name = "collections/default".into();
    let collection = collections.get_collection(GetCollectionRequest { name }).await?.into_inner();
    let other = CreateCollectionRequest { collection_id: "other".into(), ..Default::default() };
    let unretried = collections.create_collection(other).await;
    say("retry", json!({"name": collection.name, "unretried": code_of(&unretried)}));
    Ok(())
}

async fn tls() -> Done {
    let authority = Certificate::from_pem(fs::read(env::var("SIGHTLINE_TLS_CA")?)?);
    let endpoint = Sightline::endpoint(&format!("https://{}", env::var("SIGHTLINE_TLS_TARGET")?))?
        .tls_config(ClientTlsConfig::new().ca_certificate(authority))?;
    let name = "collections/default".into();
    let client = Sightline::new(endpoint.connect_lazy());
    let collection = client.collections().get_collection(GetCollectionRequest { name }).await?.into_inner();
    let stranger = Sightline::connect(&format!("https://{}", env::var("SIGHTLINE_TLS_TARGET")?))?;
    let request = GetCollectionRequest { name: collection.name.clone() };
    let untrusted = stranger.collections().get_collection(request).await;
    say("tls", json!({"name": collection.name, "untrusted": code_of(&untrusted)}));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let collection = env::var("SIGHTLINE_COLLECTION")?;
    let script = Script {
        client: Sightline::connect(&env::var("SIGHTLINE_TARGET")?)?,
        parent: format!("collections/{collection}"),
        collection,
        pictures: env::var("SIGHTLINE_PICTURES")?.into(),
    };
    script.health().await?;
    script.create().await?;
    script.upload().await?;
    script.bulk().await?;
    script.content().await?;
    script.pages().await?;
    script.search().await?;
    script.errors().await?;
    script.cancel().await?;
    retry().await?;
    tls().await?;
    script.operation().await
}
