// Package sightline is the client of Sightline, which finds things in pictures.
//
// A [Client] holds one connection and the stubs of every service, such as [Client.Images] and [Client.Searches];
// their messages are those of package sightlinev1. Where a stub alone would hurt there is a method: [Client.UploadImage],
// [Client.ListImages] and the other pages, [Client.Search], [Client.WatchHealth], [Client.WaitOperation].
//
// # Errors
//
// Every call, by stub or method, fails with an [*Error], which [errors.As] finds: its code, the server's message, a
// word for the cause, and the fields that were wrong.
//
//	var failed *sightline.Error
//	if errors.As(err, &failed) && failed.Code == codes.InvalidArgument {
//		for _, field := range failed.Fields {
//			fmt.Println(field.Field, field.Description)
//		}
//	}
//
// # Deadlines and retries
//
// A unary call whose context has no deadline gets one of 60 seconds, retries included; see [WithTimeout]. Calls that
// change nothing when repeated are retried while the server is UNAVAILABLE, as service_config.json says; CreateImage
// is one of them, since a request without an id gets one (AIP-155).
package sightline
