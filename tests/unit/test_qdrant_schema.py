"""The collections that are made in Qdrant."""

from orchestrator.adapters.index.qdrant_schema import Sharding, new_collection


def test_a_cluster_keeps_a_collection_as_it_is_told() -> None:
    made = new_collection("shop", 4, Sharding(shards=3, replicas=2, write_consistency=2))
    assert (made.shard_number, made.replication_factor, made.write_consistency_factor) == (3, 2, 2)


def test_what_is_not_told_is_the_servers_own() -> None:
    made = new_collection("shop", 4, Sharding())
    assert {field.name for field, _ in made.ListFields()} == {"collection_name", "vectors_config"}
