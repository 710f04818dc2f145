package testreport

// DefaultGlobs returns the globs that name test reports by the habits of test
// runners and CI systems, for classify.Classifier.Reports.
func DefaultGlobs() []string {
	return []string{
		"**/TEST-*.xml", "**/TEST-*.xml.gz", "**/junit*.xml", "**/junit*.xml.gz", "**/*junit.xml", "**/*junit.xml.gz", "**/*test-results*.xml", "**/*test_results*.xml",
		"**/test-results/**/*.xml", "**/test_results/*.xml", "**/test-reports/*.xml", "**/testResults.xml",
		"**/xunit*.xml", "**/nosetests.xml", "**/pytest*.xml", "**/tempest*.xml", "**/tempest*.xml.gz",
		"**/*.subunit", "**/*.subunit.gz", "**/*.tap", "**/testr_results.html", "**/testr_results.html.gz", "**/*test*.json",
		"job-output.json", "job-output.json.gz",
	}
}
