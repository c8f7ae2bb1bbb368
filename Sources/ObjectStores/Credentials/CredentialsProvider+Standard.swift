package import Events
package import HTTPTransfer

extension CredentialsProvider {
    /// Looks where AWS's SDKs look, in their order: environment, web identity, shared files, container, machine.
    ///
    /// A profile that the settings name goes before the environment.
    package init(
        settings: S3Settings,
        environment: AWSEnvironment,
        http: HTTPClient,
        time: any TimeSource = SystemTime()
    ) {
        let service = TokenService(
            region: settings.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1",
            endpoint: environment["AWS_ENDPOINT_URL_STS"] ?? environment["AWS_ENDPOINT_URL"],
            http: http,
            time: time
        )
        let profile = ProfileCredentials(profile: settings.profile, environment: environment, service: service)
        var sources: [any CredentialsSource] = settings.profile == nil ? [] : [profile]
        sources.append(EnvironmentCredentials(environment: environment))
        sources.append(WebIdentityCredentials(environment: environment, service: service))
        if settings.profile == nil { sources.append(profile) }
        sources.append(ContainerCredentials(environment: environment))
        sources.append(MachineCredentials(environment: environment))
        self.init(sources: sources, time: time)
    }
}

extension S3Settings {
    /// The settings with what they leave open filled in from the environment and the profile.
    package func resolved(in environment: AWSEnvironment) throws(S3Error) -> S3Settings {
        var settings = self
        // Without a profile that is there, an anonymous reader of a public bucket needs none.
        let profile = anonymous ? nil : try SharedProfile(profile, environment: environment)
        settings.region =
            region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? profile?["region"]
        if environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() != "true" {
            settings.endpoint =
                endpoint ?? environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"]
                ?? profile?["endpoint_url"]
        }
        return settings
    }
}
