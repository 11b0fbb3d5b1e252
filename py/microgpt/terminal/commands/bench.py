"""`bench`: how fast this is here. The work is in the room `bench`."""


def add(parser):
    parser.add_argument(
        "what",
        nargs="?",
        choices=("model", "tokenizer", "serve"),
        default="model",
        help="of what: model, tokenizer or serve (model)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args):
    from ...bench import bench_command

    return bench_command(args)
