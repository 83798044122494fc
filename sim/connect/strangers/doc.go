// Package strangers runs programs that others wrote against the Amazon Connect simulator: Amazon's own browser library
// against the fake CCP, the AWS SDK for JavaScript against the REST API, and an independent Kinesis server that takes the agent
// event stream. What they make of the simulator is not what our own client happens to understand.
package strangers
