// Package salesforce is what an org needs beside the Cordboard server: a Salesforce DX project with the call centers, the
// bridge between the agent panel and the Lightning Message Service, the fields that record keys live in, and the
// permission sets. docs/guides/salesforce.md says how it is installed.
//
//	force-app/main/default
//	  callCenters          the panel as a softphone, for Lightning and for Classic (Open CTI Developer Guide)
//	  lwc, classes         the bridge, and its tickets; messageChannels: what it speaks on
//	  objects              Cordboard_Key__c wherever records are written; Call_Log__c for orgs whose Task takes no external id
//	  permissionsets       Cordboard_Integration for the server's user, Cordboard_Agent for agents
//	  namedCredentials …   the way from the org to the server; customMetadata: where the server is
//
// The program carries it along: Write puts it into a folder, with the server's own address in it.
//
// Its tests are those of a stranger: Salesforce's own converter reads it, the real LWC compiler compiles the bridge, a real
// Chromium runs it with the platform's own engine, the message service and Apex being stand-ins. They
// need Node with npm, and the first time a package registry. What none of them can tell is
// whether an org accepts the deployment: it has not been deployed into a real org.
package salesforce
