"""The figures of a benchmark as a table to read."""


def print_table(results):
    machine = ", ".join(f"{name} {value}" for name, value in results["machine"].items() if value)
    print(f"{machine}; one thread, medians of interleaved rounds\n")
    reference = results["reference"]
    print(f"the reference run, {reference['tokens_per_step']:.1f} tokens a step (float64)")
    for name, microseconds in reference["microseconds_per_step"].items():
        print(f"  {name:<20}{microseconds:>12,.0f} µs a step{_ratio(reference, name)}")
    process = results["process"]
    print("\nthe whole process, a thousand steps")
    for name, seconds in process["seconds"].items():
        print(f"  {name:<20}{seconds:>12.2f} s{_ratio(process, name)}")
    print("\nbatches (float32)")
    for row in results["batches"]:
        for name, rate in row["tokens_per_second"].items():
            print(f"  {row['batch_size']:>4} {name:<15}{rate:>12,.0f} tokens/s{_ratio(row, name)}")
    print("\nlarger models (float32)")
    for row in results["medium"]:
        share = f"{row['share_of_sgemm']:.0%} of sgemm's {row['sgemm_gflops']:.0f} GFLOP/s"
        print(f"  {row['shape']}, {row['parameters']:,} parameters: {share}")
        for name, rate in row["tokens_per_second"].items():
            print(f"       {name:<15}{rate:>12,.0f} tokens/s{_ratio(row, name)}")
    print("\nlarger models on several threads (float32, by the clock on the wall)")
    for row in results["threads"]:
        print(f"  {row['shape']}")
        for name, rate in row["tokens_per_second"].items():
            ratio = row["times_as_fast"][name]
            print(f"       {name:<29}{rate:>12,.0f} tokens/s   {ratio:.2f} times as fast as uncut")
        for name, ratio in row["best_is_faster_than_best_of"].items():
            print(f"       numpy at its best is {ratio:.2f}x as fast as {name} at its best")
    print("\nreading token by token (float32)")
    for row in results["reading"]:
        for name, microseconds in row["microseconds_per_token"].items():
            name_and_time = f"{name:<14}{microseconds:>12,.1f} µs a token"
            print(f"  {row['model']:>5} {name_and_time}{_ratio(row, name)}")
    sampling = results["sampling"]
    print("\nsampling (float64, one text at a time)")
    for name, rate in sampling["tokens_per_second"].items():
        print(f"  {name:<20}{rate:>12,.0f} tokens/s{_ratio(sampling, name)}")
    print("\nwriting several texts (float32)")
    for row in results["side by side"]:
        (one, slow), (many, fast) = row["tokens_per_second"].items()
        print(f"  {row['model']:>5} {one:<16}{slow:>10,.0f} tokens/s")
        print(f"        {many:<16}{fast:>10,.0f} tokens/s, {row['times']:.1f} times as many")
    for sentence in results["refusals"]:
        print(f"\nnot recorded, so that numpy is slower than it could be: {sentence}")


def _ratio(figures, name):
    ratio = figures["numpy_is_faster_than"].get(name)
    return f"   numpy is {ratio:,.1f}x as fast" if ratio else ""
