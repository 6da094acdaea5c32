from oneclick.pipelines.readout.pipeline import create_pipeline

__all__ = ["create_pipeline"]
