package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// loaded is what a run of load found. Times are in milliseconds.
type loaded struct {
	Requests int     `json:"requests"`
	Failed   int     `json:"failed"`
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
}

// load -url URL [-connections N] [-seconds S]: posts the JSON on standard input again and again, the next request
// of a connection as soon as it has the answer to the last, and prints what it took.
func load(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	url := flags.String("url", "", "where to post")
	connections := flags.Int("connections", 1, "connections, each with one request under way")
	seconds := flags.Float64("seconds", 5, "how long")
	_ = flags.Parse(arguments)
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *connections, DisableCompression: true}}
	started := time.Now()
	end := started.Add(time.Duration(*seconds * float64(time.Second)))
	times := make([][]time.Duration, *connections)
	failed := make([]int, *connections)
	var wait sync.WaitGroup
	for connection := range *connections {
		wait.Go(func() {
			for begun := time.Now(); begun.Before(end); begun = time.Now() {
				if err := post(client, *url, body); err != nil {
					failed[connection]++
				}
				times[connection] = append(times[connection], time.Since(begun))
			}
		})
	}
	wait.Wait()
	took := time.Since(started).Seconds()
	all := slices.Concat(times...)
	slices.Sort(all)
	found := loaded{Requests: len(all), Seconds: took, P50: at(all, 0.5), P99: at(all, 0.99)}
	for _, count := range failed {
		found.Failed += count
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func post(client *http.Client, url string, body []byte) error {
	answer, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

func at(sorted []time.Duration, share float64) float64 {
	return float64(sorted[int(float64(len(sorted)-1)*share)]) / float64(time.Millisecond)
}
