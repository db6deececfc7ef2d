"""torchrun itself, held by the launcher's lifeline: `python -m course.clusters.agent OPTIONS`."""

from course.clusters import lifeline

if __name__ == "__main__":
    lifeline.hold()
    from torch.distributed.run import main

    main()
