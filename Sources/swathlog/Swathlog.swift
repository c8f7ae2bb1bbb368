import Commands

@main
enum Swathlog {
    static func main() async {
        await SwathlogCommand.start()
    }
}
