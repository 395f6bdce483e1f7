//! What `make protos` writes, where the stubs look for each other.

#[allow(missing_docs, clippy::all)]
pub mod google {
    //! Messages of Google's that the API answers with.

    pub mod api {
        //! `google.api`.

        include!("gen/google.api.rs");
    }

    pub mod longrunning {
        //! `google.longrunning`.

        include!("gen/google.longrunning.rs");
    }
}

pub mod sightline {
    #[allow(missing_docs, clippy::all)]
    pub mod v1 {
        //! Messages and clients of the API, as generated from its protos.

        include!("gen/sightline.v1.rs");
    }
}
