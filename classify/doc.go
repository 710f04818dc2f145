// Package classify says why CI jobs failed: it finds known patterns of failure
// in their logs and, where it knows none, the lines that look most like the
// reason.
//
// Rules go in once, through Compile. Jobs go in with a Logs, which opens their
// log files, through Classifier.Run; a single log through Classifier.Log. Out
// comes one Result a job.
package classify
