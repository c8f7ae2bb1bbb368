import AgentServer
import DVC
import EventLog
import Events
import Files
import Imaging
import Projections
import ServiceLifecycle
import Stages

extension Agent {
    /// What the agent answers over HTTP; nil where it is switched off.
    ///
    /// - Parameters:
    ///   - audits: where an audit is asked for.
    ///   - observe: takes pushes; nil where the source is no bucket.
    func server(_ vitals: Vitals, _ audits: AuditDesk, observe: Observe?) async throws -> AgentServer? {
        let sources = settings.sources
        guard sources.isServing else { return nil }
        let server = ServerSettings(
            host: sources.httpHost,
            port: sources.httpPort ?? SourceSettings.usualPort,
            token: sources.httpToken.flatMap { ServerToken($0) },
            readToken: sources.httpReadToken.flatMap { ServerToken($0) },
            operateToken: sources.httpOperateToken.flatMap { ServerToken($0) },
            isRequired: sources.httpPort != nil
        )
        return AgentServer(
            server,
            logger: logger,
            vitals: vitals,
            store: try await servedStore(audits),
            observe: observe
        )
    }

    /// The store by connections of their own: who asks waits for nobody at work, and nobody at work for who asks.
    private func servedStore(_ audits: AuditDesk) async throws -> ServedStore {
        let reading = try EventLog.openForReading(path: paths.log)
        let (log, projector, paths) = (log, projector, paths)
        return ServedStore(
            log: reading,
            views: try await ViewsReader.open(path: paths.projections, log: reading, views: Views.all),
            paths: paths,
            cache: try DVCCache.of(repository: paths.dataset),
            version: Self.version,
            workers: settings.workers,
            stages: stages.map(\.name),
            recipeSettings: Self.recipeSettings,
            audits: audits,
            sources: { try? readFile(paths.sources) },
            record: { events in
                let position = try await log.append(events).last?.position ?? log.headPosition
                try await projector.wait(for: Catalog.name, toReach: position)
                return position
            }
        )
    }

    private static var recipeSettings: [RecipeSetting] {
        SettingKey.allCases.compactMap { key in
            guard let name = key.recipeName else { return nil }
            return RecipeSetting(
                name: key.rawValue,
                standard: key.defaultValue ?? "",
                summary: key.summary,
                choices: TilingSettings.choices(of: name)
            )
        }
    }
}
