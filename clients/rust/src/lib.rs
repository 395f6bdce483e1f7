#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod bulk;
mod client;
mod deadline;
mod environment;
mod errors;
mod generated;
mod operations;
mod pages;
mod retry;
mod service_config;
#[cfg(test)]
mod testing;
mod transport;
mod upload;

pub use bulk::CreateResult;
pub use client::Sightline;
pub use errors::{code_name, from_rpc_status};
pub use generated::google;
pub use generated::sightline::v1;
pub use pages::Items;
pub use tonic;
pub use tonic_health::pb as health;
pub use tonic_types as types;
pub use transport::{DEFAULT_TIMEOUT, Transport};
pub use upload::CHUNK_BYTES;
