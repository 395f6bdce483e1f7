/** Made from service_config.json by make protos. */
export const serviceConfig = {
  "methodConfig": [
    {
      "name": [
        {"service": "sightline.v1.CollectionService", "method": "GetCollection"},
        {"service": "sightline.v1.CollectionService", "method": "ListCollections"},
        {"service": "sightline.v1.CollectionService", "method": "GetCollectionStatistics"},
        {"service": "sightline.v1.ImageService", "method": "CreateImage"},
        {"service": "sightline.v1.ImageService", "method": "GetImage"},
        {"service": "sightline.v1.ImageService", "method": "ListImages"},
        {"service": "sightline.v1.ImageService", "method": "GetImageContent"},
        {"service": "sightline.v1.ImageService", "method": "GenerateImageUri"},
        {"service": "sightline.v1.SegmentationService", "method": "SegmentContent"},
        {"service": "sightline.v1.SegmentationService", "method": "ListRegions"},
        {"service": "sightline.v1.SegmentationService", "method": "GetRegion"},
        {"service": "sightline.v1.SegmentationService", "method": "GetRegionContent"},
        {"service": "sightline.v1.TextService", "method": "GetText"},
        {"service": "sightline.v1.TextService", "method": "ListTexts"},
        {"service": "sightline.v1.TextService", "method": "CreateText"},
        {"service": "sightline.v1.TextService", "method": "BatchCreateTexts"},
        {"service": "sightline.v1.SearchService"},
        {"service": "sightline.v1.EmbeddingService"},
        {"service": "sightline.v1.ImportService", "method": "ImportImages"},
        {"service": "sightline.v1.ImportService", "method": "ListImportItems"},
        {"service": "sightline.v1.ImportService", "method": "PauseImport"},
        {"service": "sightline.v1.ImportService", "method": "ResumeImport"},
        {"service": "sightline.v1.ImportService", "method": "GetSchedule"},
        {"service": "sightline.v1.ImportService", "method": "ListSchedules"},
        {"service": "google.longrunning.Operations"},
        {"service": "sightline.v1.ModelService"}
      ],
      "retryPolicy": {
        "maxAttempts": 4,
        "initialBackoff": "0.2s",
        "maxBackoff": "3s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"]
      }
    }
  ]
} as const;
