// Package finesse is a stand-in for a Cisco Finesse site (UCCE).
package finesse
