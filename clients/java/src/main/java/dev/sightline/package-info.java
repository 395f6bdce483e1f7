/**
 * The client of Sightline, which finds things in pictures.
 *
 * <p>A {@link dev.sightline.Sightline} holds one connection and the stubs of every service; their messages are those
 * of {@link dev.sightline.v1}. Where a stub alone would hurt it has a method: an upload in chunks, the items of all
 * pages, a service's health, the end of an operation.
 *
 * <p>Calls throw gRPC's {@link io.grpc.StatusRuntimeException}; {@link dev.sightline.CallError#of} reads the details
 * that the server sent along. A call that answers once has a deadline of 60 seconds unless it is told another, its
 * retries included. Calls that change nothing when repeated are retried while the server is UNAVAILABLE, as {@code
 * service_config.json} says; {@code CreateImage} is one of them, since a request without an id gets one (AIP-155).
 */
package dev.sightline;
