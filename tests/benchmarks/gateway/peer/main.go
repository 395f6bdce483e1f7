// Command peer is what the gateway is measured with: a gRPC server that answers at once, grpc-gateway in front of
// it, and a client that loads an HTTP server.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: peer serve|gateway|load …")
	}
	commands := map[string]func([]string) error{"serve": serve, "gateway": gateway, "load": load}
	command, known := commands[os.Args[1]]
	if !known {
		log.Fatalf("no command %q", os.Args[1])
	}
	if err := command(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
}

// listen takes a free port of the loopback interface and says which on standard output.
func listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		fmt.Println(listener.Addr())
	}
	return listener, err
}
