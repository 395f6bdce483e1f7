"""Messages of sightline.v1 become domain objects and back, a module a resource."""
